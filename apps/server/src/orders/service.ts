import { FlashlineError, type WorkOrderRequest, type WorkOrderView } from "@flashline/contract";
import type { z } from "zod";
import { noRowBefore } from "../http/lists.ts";
import type { Origin } from "../ledger/origin.ts";
import type { OrderRow, OrdersRepository, ReleaseFacts } from "./repository.ts";

const viewOf = (row: OrderRow): WorkOrderView => ({
  ...row,
  state: row.state === "closed" ? "closed" : "open",
  stations: [...row.stations],
  createdAt: row.createdAt.toISOString(),
});

function releasedId(facts: ReleaseFacts, version: string): string {
  if (facts.releaseId === null) {
    throw new FlashlineError("request.invalid", `The product has no release ${version}.`, {
      parameters: { version },
    });
  }
  if (facts.state === "revoked") throw new FlashlineError("release.revoked");
  if (facts.state !== "released") throw new FlashlineError("release.not_released");
  if (facts.expired) throw new FlashlineError("release.expired");
  return facts.releaseId;
}

/** Work orders: so many units of a product, with one release, at some stations. */
export function ordersService(repository: OrdersRepository) {
  async function orderOf(where: { id: string } | { number: string }): Promise<WorkOrderView> {
    const row = await repository.order(where);
    if (row === undefined)
      throw new FlashlineError("request.not_found", "There is no such work order.");
    return viewOf(row);
  }
  return {
    /** The same order again answers with it; another one of its number is refused. */
    async add(request: z.output<typeof WorkOrderRequest>, by: Origin): Promise<WorkOrderView> {
      const facts = await repository.release(request.product, request.version);
      if (facts === undefined) {
        throw new FlashlineError("request.invalid", `There is no product ${request.product}.`, {
          parameters: { product: request.product },
        });
      }
      const existing = await repository.order({ number: request.number });
      if (existing !== undefined) {
        const { product, version, quantity } = request;
        const same =
          existing.product === product &&
          existing.version === version &&
          existing.quantity === quantity;
        if (same) return viewOf(existing);
        throw new FlashlineError(
          "request.conflict",
          `Work order ${request.number} exists with other content.`,
          { parameters: { order: request.number } },
        );
      }
      const releaseId = releasedId(facts, request.version);
      const stations = await repository.stations(request.stations);
      const missing = request.stations.filter(
        (name) => !stations.some((found) => found.name === name),
      );
      if (missing.length > 0) {
        throw new FlashlineError("request.invalid", `There is no station ${missing.join(", ")}.`, {
          parameters: { stations: missing.join(", ") },
        });
      }
      await repository.addOrder(
        {
          number: request.number,
          productId: facts.productId,
          product: request.product,
          releaseId,
          version: request.version,
          stepId: facts.stepId,
          quantity: request.quantity,
          stationIds: stations.map(({ id }) => id),
        },
        by,
      );
      return orderOf({ number: request.number });
    },
    /** The latest first; those after the order whose id is `after`. */
    async list(limit: number, after?: string): Promise<WorkOrderView[]> {
      const rows = await repository.orders(limit, after);
      if (rows.length === 0 && after !== undefined) {
        if ((await repository.order({ id: after })) === undefined) throw noRowBefore();
      }
      return rows.map(viewOf);
    },
    async close(id: string, by: Origin): Promise<WorkOrderView> {
      const { number } = await orderOf({ id });
      await repository.close(id, number, by);
      return orderOf({ id });
    },
  };
}
