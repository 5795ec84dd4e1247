import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { changeOrder, lockOrders } from "../orders/change.repository.ts";
import { usableRelease } from "../orders/refusals.ts";
import { followersOf, lockChannels, lockChannelsWith, setRelease } from "./repository.ts";

const RELEASE = statement(
  ["releaseId"],
  z.object({
    releaseId: z.string(),
    productId: z.string(),
    product: z.string(),
    version: z.string(),
    state: z.string(),
    expired: z.boolean(),
  }),
  `
SELECT r.id AS "releaseId", r.product_id AS "productId", (SELECT name FROM product WHERE id = r.product_id) AS product, r.version, r.state,
       coalesce(r.expires_at <= now(), false) AS expired
  FROM release r WHERE r.id = :releaseId FOR SHARE`,
);

/** Throws `request.invalid` with the names that no channel of the product has. */
export function mustBeChannels(
  product: string,
  names: readonly string[],
  found: readonly { readonly name: string }[],
): void {
  const unknown = names.filter((name) => !found.some((one) => one.name === name)).join(", ");
  if (unknown === "") return;
  throw new FlashlineError("request.invalid", `${product} has no channel ${unknown}.`, {
    parameters: { product, channels: unknown },
  });
}

/**
 * Moves channels of the release's product to it. Their open orders get it, each as if a person had changed it; units in work keep what they
 * have. The release's row is locked before those of channels, and they before those of orders; `others` are orders that the same transaction
 * changes later, and are locked with them. Rejects with `release.*` where it may not be started, and with `request.invalid`. What is there
 * already stays as it is.
 */
export async function moveChannels(
  sql: Sql,
  move: {
    readonly releaseId: string;
    readonly names: readonly string[];
    readonly others?: readonly string[];
    readonly reason: string;
  },
  by: Origin,
): Promise<void> {
  const { releaseId, names, others = [], reason } = move;
  const release = await sql.row(RELEASE, { releaseId });
  if (release === undefined) {
    throw new FlashlineError("request.not_found", "There is no such release.");
  }
  const { product, productId, version } = release;
  usableRelease(release, version);
  const channels = await lockChannels(sql, productId, names);
  mustBeChannels(product, names, channels);
  const moving = channels.filter((channel) => channel.releaseId !== releaseId);
  const ids = moving.map(({ id }) => id);
  const locked = await lockOrders(sql, [...(await followersOf(sql, ids)), ...others]);
  // One of them may have been closed, or given a release by a person, before it was locked.
  const orders = locked.filter(
    ({ state, channelId }) => state === "open" && channelId !== null && ids.includes(channelId),
  );
  await setRelease(sql, ids, { releaseId, reason, movedBy: actorOf(by) });
  for (const { id, name, version: before } of moving) {
    const own = orders.filter(({ channelId }) => channelId === id).map(({ number }) => number);
    await recordEvent(sql, {
      kind: "channel.moved",
      by,
      subject: { id, name: `${product} ${name}` },
      before: { version: before },
      after: { version },
      reason,
      data: { orders: own.toSorted() },
    });
  }
  for (const { id, number, version: before } of orders) {
    if (before === version) continue;
    await changeOrder(sql, id, { releaseId });
    await recordEvent(sql, {
      kind: "order.release-changed",
      by,
      subject: { id, name: number },
      before: { version: before },
      after: { version },
      reason,
      data: {},
    });
  }
}

const NUMBERS = statement(
  ["channelId"],
  z.object({ number: z.string() }),
  `SELECT number FROM work_order WHERE channel_id = :channelId AND state = 'open' ORDER BY number`,
);

/** A revoked release leaves its channels, under the lock of its row. Their orders go on naming it, so that their units are refused. */
export async function leaveChannels(
  sql: Sql,
  release: { readonly id: string; readonly product: string; readonly version: string },
  reason: string,
  by: Origin,
): Promise<void> {
  const channels = await lockChannelsWith(sql, release.id);
  await setRelease(
    sql,
    channels.map(({ id }) => id),
    { releaseId: null, reason, movedBy: actorOf(by) },
  );
  for (const { id, name } of channels) {
    const orders = await sql.rows(NUMBERS, { channelId: id });
    await recordEvent(sql, {
      kind: "channel.emptied",
      by,
      subject: { id, name: `${release.product} ${name}` },
      before: { version: release.version },
      after: { version: null },
      reason,
      data: { orders: orders.map(({ number }) => number) },
    });
  }
}
