import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { changeOrder, lockOrders } from "../orders/change.repository.ts";

/** SQL: the id of what a release takes the place of: its canary's predecessor, else the released release with the highest counter below. */
export const predecessorSql = (release: string): string => `coalesce(
  (SELECT c.predecessor_id FROM canary c WHERE c.release_id = ${release}.id),
  (SELECT b.id FROM release b WHERE b.product_id = ${release}.product_id AND b.counter < ${release}.counter AND b.state = 'released'
    ORDER BY b.counter DESC LIMIT 1))`;

const ORDERS = statement(
  ["releaseId"],
  z.object({ id: z.string() }),
  `
SELECT w.id FROM release r JOIN work_order w ON w.product_id = r.product_id AND w.state = 'open' AND w.release_id = ${predecessorSql("r")}
      AND w.channel_id IS NULL
 WHERE r.id = :releaseId`,
);
const VERSIONS = statement(
  ["releaseId"],
  z.object({ version: z.string(), predecessor: z.string().nullable() }),
  `SELECT r.version, (SELECT b.version FROM release b WHERE b.id = ${predecessorSql("r")}) AS predecessor FROM release r WHERE r.id = :releaseId`,
);

/** Open orders that name the release's predecessor themselves, and follow no channel. Read without a lock. */
export const ordersBefore = async (tx: Sql, releaseId: string): Promise<readonly string[]> =>
  (await tx.rows(ORDERS, { releaseId })).map(({ id }) => id);

/**
 * Those of the orders that name the release's predecessor themselves take the release, each as if a person had changed it. Those that follow a
 * channel wait for its move. Units in work keep what they have.
 */
export async function moveOrdersTo(
  tx: Sql,
  move: { readonly releaseId: string; readonly orders: readonly string[]; readonly reason: string },
  by: Origin,
): Promise<void> {
  const { releaseId, reason } = move;
  const orders = await lockOrders(tx, move.orders);
  const release = await tx.row(VERSIONS, { releaseId });
  for (const { id, number, state, version, channelId } of orders) {
    // Closed, or given another release or a channel by a person, before it was locked: it stays as it is.
    if (
      state !== "open" ||
      channelId !== null ||
      release === undefined ||
      version !== release.predecessor
    )
      continue;
    await changeOrder(tx, id, { releaseId });
    await recordEvent(tx, {
      kind: "order.release-changed",
      by,
      subject: { id, name: number },
      before: { version },
      after: { version: release.version },
      reason,
      data: {},
    });
  }
}
