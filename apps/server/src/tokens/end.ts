import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const REVOKE = statement(
  ["personId"],
  z.object({ id: z.string(), name: z.string() }),
  `
UPDATE api_token SET revoked_at = now()
 WHERE person_id = :personId::uuid AND revoked_at IS NULL AND coalesce(expires_at > now(), true)
RETURNING id, name`,
);

/** Revokes the tokens that a person made, in the transaction of what ends them. How many. */
export async function endTokensOf(
  tx: Sql,
  personId: string,
  reason: string | undefined,
  by: Origin,
): Promise<number> {
  const revoked = await tx.rows(REVOKE, { personId });
  for (const subject of revoked) {
    await recordEvent(tx, { kind: "token.revoked", by, subject, reason, data: {} });
  }
  return revoked.length;
}
