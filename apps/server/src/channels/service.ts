import {
  type ChannelRequest,
  type ChannelView,
  FlashlineError,
  type MoveChannelRequest,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { usableRelease } from "../orders/refusals.ts";
import { releaseFacts } from "../orders/repository.ts";
import { moveChannels } from "./move.ts";
import {
  addChannel,
  type ChannelRow,
  channelById,
  channelNamed,
  channelsOf,
  removeChannel,
} from "./repository.ts";

const viewOf = (row: ChannelRow): ChannelView => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  movedAt: row.movedAt?.toISOString() ?? null,
});

/** Named lines of a product's releases. Each change is one transaction with its event. */
export function channelsService({ sql, transaction }: Database) {
  async function channelOf(id: string): Promise<ChannelRow> {
    const row = await channelById(sql, id);
    if (row === undefined)
      throw new FlashlineError("request.not_found", "There is no such channel.");
    return row;
  }
  return {
    async list(product: string | undefined): Promise<ChannelView[]> {
      return (await channelsOf(sql, product ?? null)).map(viewOf);
    },
    /** The same channel again answers with it. */
    async add(
      { product, name, reason }: z.output<typeof ChannelRequest>,
      by: Origin,
    ): Promise<{ readonly created: boolean; readonly channel: ChannelView }> {
      const id = newId();
      const created = await transaction(async (tx) => {
        const channel = { id, product, name, reason, createdBy: actorOf(by) };
        if (!(await addChannel(tx, channel))) return false;
        const subject = { id, name: `${product} ${name}` };
        await recordEvent(tx, { kind: "channel.added", by, subject, reason, data: {} });
        return true;
      });
      const row = await channelNamed(sql, product, name);
      if (row !== undefined) return { created, channel: viewOf(row) };
      throw new FlashlineError("request.invalid", `There is no product ${product}.`, {
        parameters: { product },
      });
    },
    async move(
      id: string,
      { version, reason }: z.output<typeof MoveChannelRequest>,
      by: Origin,
    ): Promise<ChannelView> {
      const { product, name } = await channelOf(id);
      const facts = await releaseFacts(sql, product, version);
      if (facts === undefined) throw new FlashlineError("request.not_found");
      const releaseId = usableRelease(facts, version);
      await transaction((tx) => moveChannels(tx, { releaseId, names: [name], reason }, by));
      return viewOf(await channelOf(id));
    },
    /** Rejects with `channel.followed` where an open order follows it. */
    async remove(id: string, reason: string | undefined, by: Origin): Promise<void> {
      const { product, name } = await channelOf(id);
      const removed = await transaction(async (tx) => {
        if (!(await removeChannel(tx, id))) return false;
        const subject = { id, name: `${product} ${name}` };
        await recordEvent(tx, { kind: "channel.removed", by, subject, reason, data: {} });
        return true;
      });
      if (removed) return;
      const orders = (await channelOf(id)).orders.join(", ");
      throw new FlashlineError(
        "channel.followed",
        `Work orders ${orders} follow channel ${name} of ${product}.`,
        { parameters: { product, channel: name, orders } },
      );
    },
  };
}
