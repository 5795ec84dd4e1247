import { ReleaseState } from "@flashline/contract";
import { z } from "zod";
import { leaveChannels } from "../channels/move.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/** How an event calls a release: "PSU-40 1.0.0". */
export interface Named {
  readonly id: string;
  readonly version: string;
  readonly product: string;
}
export const subjectOf = ({ id, product, version }: Named) => ({
  id,
  name: `${product} ${version}`,
});
/** SQL: what a {@link Named} is made of, after SELECT or RETURNING. */
export const NAMED = `id, version, (SELECT name FROM product WHERE id = product_id) AS product`;
/** A canary's row is locked before its release's: units take places of it under that lock. */
export const LOCK_CANARY = statement(
  ["id"],
  z.object({ predecessorId: z.string() }),
  `SELECT predecessor_id AS "predecessorId" FROM canary WHERE release_id = :id FOR NO KEY UPDATE`,
);
/** A release before and after a change of its state. */
export const MOVED = z.object({
  id: z.string(),
  version: z.string(),
  product: z.string(),
  state: z.enum(ReleaseState),
});
export const BEFORE = statement(
  ["id"],
  MOVED,
  `SELECT ${NAMED}, state FROM release WHERE id = :id FOR NO KEY UPDATE`,
);
/** SQL: orders or units have release `r`; a draft is had only under an exception. It is revoked, not withdrawn. */
export const hadSql = (r: string): string =>
  `(EXISTS (SELECT FROM work_order w WHERE w.release_id = ${r}.id) OR EXISTS (SELECT FROM job j WHERE j.release_id = ${r}.id))`;
const REVOKE = statement(
  ["id", "reason"],
  z.object({ id: z.string() }),
  `
UPDATE release r SET state = 'revoked', revoked_at = now(), revoked_reason = :reason
 WHERE id = :id AND (state IN ('canary', 'paused', 'released') OR state = 'draft' AND ${hadSql("r")}) RETURNING id`,
);

/** canary, paused, released or a draft that units have → revoked, and out of its channels. False when it was none of them. No unit is started with it after the commit. */
export async function revokeOn(tx: Sql, id: string, reason: string, by: Origin): Promise<boolean> {
  await tx.row(LOCK_CANARY, { id });
  const before = await tx.row(BEFORE, { id });
  if (before === undefined || (await tx.row(REVOKE, { id, reason })) === undefined) return false;
  await recordEvent(tx, {
    kind: "release.revoked",
    by,
    subject: subjectOf(before),
    before: { state: before.state },
    after: { state: "revoked" },
    reason,
    data: {},
  });
  await leaveChannels(tx, before, reason, by);
  return true;
}
