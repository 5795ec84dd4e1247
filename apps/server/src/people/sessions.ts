import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/** Of one person: all, one of them, or all but one. */
const END = statement(
  ["personId", "id", "keep"],
  z.object({ id: z.string() }),
  `
DELETE FROM session WHERE person_id = :personId::uuid AND (:id::uuid IS NULL OR id = :id::uuid) AND id IS DISTINCT FROM :keep::uuid
RETURNING id`,
);

const OWNER = statement(
  ["id"],
  z.object({ id: z.string(), name: z.string() }),
  `SELECT p.id, p.name FROM session s JOIN person p ON p.id = s.person_id WHERE s.id = :id::uuid`,
);

/** Ends a person's sessions, in the transaction of what ends them. `keep`: id of one that stays. How many. */
export async function endSessionsOf(tx: Sql, personId: string, keep?: string): Promise<number> {
  return (await tx.rows(END, { personId, id: null, keep: keep ?? null })).length;
}

export type SessionsRepository = ReturnType<typeof sessionsRepository>;

/** Ends open sessions by the id of one, or of a person. */
export function sessionsRepository({ transaction }: Pick<Database, "transaction">) {
  const told = async (
    tx: Sql,
    person: { readonly id: string; readonly name: string },
    id: string | null,
    reason: string | undefined,
    by: Origin,
  ): Promise<number> => {
    const sessions = (await tx.rows(END, { personId: person.id, id, keep: null })).length;
    if (sessions > 0) {
      await recordEvent(tx, {
        kind: "person.sessions-ended",
        by,
        subject: { name: person.name },
        reason,
        data: { sessions },
      });
    }
    return sessions;
  };
  return {
    /** How many ended. `ownerId`: only if it is this person's. Rejects with `request.not_found` where there is no such session. */
    end(id: string, ownerId: string | null, reason: string | undefined, by: Origin) {
      return transaction(async (tx) => {
        const owner = await tx.row(OWNER, { id });
        if (owner === undefined || (ownerId !== null && owner.id !== ownerId)) {
          throw new FlashlineError("request.not_found", "There is no such session any more.");
        }
        return await told(tx, owner, id, reason, by);
      });
    },
    endAll: (
      person: { readonly id: string; readonly name: string },
      reason: string,
      by: Origin,
    ): Promise<number> => transaction((tx) => told(tx, person, null, reason, by)),
  };
}
