import { RefusedError, type WorkOrderView } from "@flashline/contract";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { KEPT } from "../../api/kept.ts";
import { queries } from "../../api/queries.ts";
import { type Found, found } from "./found.ts";

const UNITS = 6;
/** Lists that are looked through here: what is older is found by its exact name alone. */
const LISTED = 100;

/** An order by its number, also one that no list shows any more. Null: no order has this number. */
async function orderOf(id: string, signal: AbortSignal): Promise<WorkOrderView | null> {
  try {
    return (await call("workOrder", { params: { id } }, signal)).body;
  } catch (error) {
    if (error instanceof RefusedError && [400, 404].includes(error.status)) return null;
    throw error;
  }
}

/** A unit of the batch with this name; undefined: nobody has it. */
async function unitOfBatch(batch: string, signal: AbortSignal) {
  try {
    const [unit] = (await call("units", { query: { batch, limit: 1 } }, signal)).body;
    return unit === undefined ? undefined : { name: batch, product: unit.product };
  } catch (error) {
    if (error instanceof RefusedError && [400, 404].includes(error.status)) return undefined;
    throw error;
  }
}

/** What a text may mean, asked of the server. */
export const finderQuery = (client: QueryClient, text: string) =>
  queryOptions({
    ...KEPT,
    queryKey: ["finder", text],
    refetchInterval: false,
    retry: false,
    queryFn: async ({ signal }): Promise<readonly Found[]> => {
      const listed = { query: { limit: LISTED } };
      const [units, { hosts }, releases, orders, order, batch] = await Promise.all([
        call("units", { query: { search: text, limit: UNITS } }, signal),
        client.ensureQueryData(queries.hosts()),
        call("releases", listed, signal),
        call("workOrders", listed, signal),
        orderOf(text, signal),
        unitOfBatch(text, signal),
      ]);
      const others = orders.body.filter(({ number }) => number !== order?.number);
      return found(text, {
        units: units.body,
        hosts,
        releases: releases.body,
        batch,
        orders: order === null ? others : [order, ...others],
      });
    },
  });
