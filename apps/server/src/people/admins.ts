import { FlashlineError, Role } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/**
 * Every admin who is not disabled, locked in one order. Of two changes that each leave one admin, on whichever replicas, the
 * second one waits here and then sees what the first one did.
 */
const LOCK = statement(
  [],
  z.object({ id: z.string(), canLogIn: z.boolean() }),
  `
SELECT id, password_hash IS NOT NULL AS "canLogIn" FROM person
 WHERE role = '${Role.Admin}' AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
);

/** The admins of this moment, until the end of the transaction. */
export interface LockedAdmins {
  /** Throws `people.last_admin` where nobody else is an admin who can log in. Nothing for who is no admin. */
  mustDoWithout(person: { readonly id: string; readonly name: string }): void;
}

/** Call it before anything else in a transaction that may take an admin away: it takes the first locks. */
export async function lockAdmins(tx: Sql): Promise<LockedAdmins> {
  const admins = await tx.rows(LOCK, {});
  return {
    mustDoWithout({ id, name }) {
      if (!admins.some((admin) => admin.id === id)) return;
      if (admins.some((admin) => admin.id !== id && admin.canLogIn)) return;
      throw new FlashlineError("people.last_admin", `${name} is the only admin who can log in.`, {
        parameters: { person: name },
      });
    },
  };
}
