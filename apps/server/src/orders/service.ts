import {
  FlashlineError,
  type WorkOrderDetail,
  type WorkOrderRequest,
  type WorkOrderView,
} from "@flashline/contract";
import type { z } from "zod";
import { isForeignKeyViolation, isUniqueViolation } from "../db/errors.ts";
import { noRowBefore } from "../http/lists.ts";
import type { Origin } from "../ledger/origin.ts";
import { noSuchOrder, orderableRelease, releaseGone } from "./refusals.ts";
import type { OrderFilter, OrderRow, OrdersRepository } from "./repository.ts";

const viewOf = (row: OrderRow): WorkOrderView => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
});

/** Work orders: so many units of a product, with one release, at some stations. */
export function ordersService(repository: OrdersRepository) {
  async function orderOf(where: { id: string } | { number: string }): Promise<WorkOrderView> {
    const row = await repository.order(where);
    if (row === undefined) throw noSuchOrder("id" in where ? where.id : where.number);
    return viewOf(row);
  }
  /** The order of this number; refuses where it is another one than is asked for. */
  async function existing(
    request: z.output<typeof WorkOrderRequest>,
  ): Promise<WorkOrderView | undefined> {
    const row = await repository.order({ number: request.number });
    if (row === undefined) return undefined;
    // What is in a channel changes: an order that follows one is the same whatever is in it now.
    const release = request.channel === undefined ? "version" : "channel";
    const differs = (["product", release, "quantity"] as const)
      .filter((field) => row[field] !== request[field])
      .map((field) => `${field} ${row[field] ?? "none"}, not ${request[field]}`)
      .join("; ");
    if (differs === "") return viewOf(row);
    throw new FlashlineError(
      "request.conflict",
      `Work order ${request.number} exists with other content: ${differs}.`,
      { parameters: { order: request.number, differs } },
    );
  }
  async function idOf(name: string): Promise<string> {
    const id = await repository.named(name);
    if (id === undefined) throw noSuchOrder(name);
    return id;
  }
  return {
    /** The same order again answers with it; another one of its number is refused. */
    async add(request: z.output<typeof WorkOrderRequest>, by: Origin): Promise<WorkOrderView> {
      const { version, channel } = request;
      const facts = await repository.release(request.product, version ?? null);
      if (facts === undefined) {
        throw new FlashlineError("request.invalid", `There is no product ${request.product}.`, {
          parameters: { product: request.product },
        });
      }
      const before = await existing(request);
      if (before !== undefined) return before;
      if (facts.retired) {
        const { product } = request;
        throw new FlashlineError(
          "product.retired",
          `Product ${product} is retired: it takes no new work orders.`,
          { parameters: { product } },
        );
      }
      const order = {
        number: request.number,
        product: request.product,
        quantity: request.quantity,
        productId: facts.productId,
        releaseId: version === undefined ? undefined : orderableRelease(facts, version),
        channel,
        stepId: facts.stepId,
        stations: [...new Set(request.stations)],
      };
      try {
        await repository.addOrder(order, by);
      } catch (error) {
        if (isForeignKeyViolation(error)) throw releaseGone(error);
        // Whoever sent it at the same time was faster.
        const faster = isUniqueViolation(error) ? await existing(request) : undefined;
        if (faster === undefined) throw error;
        return faster;
      }
      return orderOf({ number: request.number });
    },
    async list(filter: OrderFilter): Promise<WorkOrderView[]> {
      const rows = await repository.orders(filter);
      if (rows.length === 0 && filter.after !== undefined) {
        if ((await repository.order({ id: filter.after })) === undefined) throw noRowBefore();
      }
      return rows.map(viewOf);
    },
    async close(name: string, by: Origin): Promise<WorkOrderView> {
      const { id, number } = await orderOf({ id: await idOf(name) });
      await repository.close(id, number, by);
      return orderOf({ id });
    },
    /** With what only the view of one order shows. */
    async detail(name: string): Promise<WorkOrderDetail> {
      const id = await idOf(name);
      const [view, detail] = await Promise.all([orderOf({ id }), repository.detail(id)]);
      return { ...view, ...detail };
    },
  };
}
