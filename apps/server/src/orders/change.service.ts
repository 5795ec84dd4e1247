import {
  FlashlineError,
  type OrderReleaseRequest,
  type QuantityRequest,
  type ReopenRequest,
  type SetStationsRequest,
  type StationLeaves,
  USUAL_PRIORITY,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import { isForeignKeyViolation } from "../db/errors.ts";
import type { Sql } from "../db/sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import {
  changeOrder,
  followedBy,
  type LockedOrder,
  lockOrders,
  orderNamed,
} from "./change.repository.ts";
import { filledChannel, followChannel } from "./channel.ts";
import { type Coming, leavesOf } from "./leaves.ts";
import {
  type LockedStation,
  lockStations,
  onlyPlant,
  putIntoQueues,
  type Queued,
  queuesOf,
  takeFromQueues,
} from "./queues.repository.ts";
import { noSuchOrder, orderableRelease, releaseGone } from "./refusals.ts";
import { releaseFacts } from "./repository.ts";

const list = (names: readonly string[]): string => names.join(", ");

function mustBeOpen(order: LockedOrder): void {
  if (order.state === "open") return;
  throw new FlashlineError("order.closed", `Work order ${order.number} is closed.`, {
    parameters: { order: order.number },
  });
}

function unconfirmed(order: string, leaves: readonly StationLeaves[]): FlashlineError {
  const what = leaves.map(
    ({ station, order: left, inWork, stays }) =>
      `${station} would ${stays ? "do this order before" : "leave"} ${left} (${inWork} in work there)`,
  );
  return new FlashlineError(
    "order.unconfirmed",
    `Work order ${order}: ${what.join("; ")}. Units in work finish. Confirm it to do it.`,
    { parameters: { order, stations: list(leaves.map((one) => one.station)) }, details: leaves },
  );
}

const CHANGED = "Somebody changed the order at this moment: look again.";

const releaseTold = ({ version, channel }: LockedOrder) => ({
  version,
  ...(channel === null ? {} : { channel }),
});

/** The release of this version that the order may have. */
async function named(tx: Sql, order: LockedOrder, version = order.version): Promise<string> {
  const facts = await releaseFacts(tx, order.product, version);
  if (facts === undefined) throw noSuchOrder(order.number);
  return orderableRelease(facts, version);
}

/** What may be changed of an order while it runs. Each change is one transaction under the order's lock, with its event. */
export function orderChanges({ sql, transaction }: Database) {
  async function idOf(name: string): Promise<string> {
    const id = await orderNamed(sql, name);
    if (id === undefined) throw noSuchOrder(name);
    return id;
  }
  async function locked(tx: Sql, id: string): Promise<LockedOrder> {
    const [order] = await lockOrders(tx, [id]);
    if (order === undefined) throw noSuchOrder(id);
    return order;
  }

  /** The orders that the stations leave, by station; refuses where one does not have it. */
  function leftBy(
    stations: readonly LockedStation[],
    queues: readonly Queued[],
    from: LockedOrder,
  ): ReadonlyMap<string, Queued> {
    const left = new Map(
      queues.filter(({ orderId }) => orderId === from.id).map((one) => [one.stationId, one]),
    );
    const elsewhere = stations.filter(({ id }) => !left.has(id)).map(({ name }) => name);
    if (elsewhere.length === 0) return left;
    throw new FlashlineError(
      "order.station_elsewhere",
      `${list(elsewhere)} does not have work order ${from.number}.`,
      { parameters: { stations: list(elsewhere), order: from.number } },
    );
  }

  return {
    idOf,
    async setStations(
      name: string,
      request: z.output<typeof SetStationsRequest>,
      by: Origin,
    ): Promise<string> {
      const id = await idOf(name);
      const fromId = request.from === undefined ? undefined : await idOf(request.from);
      if (fromId === id) {
        throw new FlashlineError("request.invalid", "An order cannot be left for itself.");
      }
      await transaction(async (tx) => {
        const orders = await lockOrders(tx, fromId === undefined ? [id] : [id, fromId]);
        const order = orders.find((one) => one.id === id);
        if (order === undefined) throw noSuchOrder(name);
        const from = orders.find((one) => one.id === fromId);
        mustBeOpen(order);
        const stations = await lockStations(tx, [...new Set(request.stations)]);
        const queues = await queuesOf(tx, stations);
        const left = from === undefined ? undefined : leftBy(stations, queues, from);
        const plan = stations.map((station) => {
          const queue = queues.filter(({ stationId }) => stationId === station.id);
          const has = queue.find(({ orderId }) => orderId === id);
          const priority = request.priority ?? has?.priority ?? USUAL_PRIORITY;
          const { productId } = order;
          const coming: Coming = {
            orderId: id,
            productId,
            priority,
            room: order.used < order.quantity,
          };
          const changes = has?.priority !== priority;
          return {
            station,
            priority,
            changes,
            leaves: leavesOf(station, queue, coming, left?.get(station.id)),
          };
        });
        const leaves = plan.flatMap((one) => one.leaves ?? []);
        if (leaves.length > 0 && !request.confirm) throw unconfirmed(order.number, leaves);
        const changed = plan.filter((one) => one.changes);
        for (const priority of new Set(changed.map((one) => one.priority))) {
          const those = changed.filter((one) => one.priority === priority);
          await putIntoQueues(
            tx,
            id,
            those.map(({ station }) => station),
            priority,
          );
        }
        if (from !== undefined) {
          await takeFromQueues(tx, from.id, stations);
          await recordEvent(tx, {
            kind: "order.stations-removed",
            by,
            plantId: onlyPlant(stations),
            subject: { id: from.id, name: from.number },
            reason: request.reason,
            data: { stations: stations.map((one) => one.name), to: order.number },
          });
        }
        if (changed.length === 0 && from === undefined) return;
        await recordEvent(tx, {
          kind: "order.stations-set",
          by,
          plantId: onlyPlant(stations),
          subject: { id, name: order.number },
          reason: request.reason,
          data: {
            stations: plan.map((one) => ({ name: one.station.name, priority: one.priority })),
            from: from?.number ?? null,
          },
        });
      });
      return id;
    },

    /** A station that does not have the order is left as it is. */
    async removeStation(
      name: string,
      station: string,
      reason: string | undefined,
      by: Origin,
    ): Promise<string> {
      const id = await idOf(name);
      await transaction(async (tx) => {
        const order = await locked(tx, id);
        const taken = await takeFromQueues(tx, id, await lockStations(tx, [station]));
        if (taken.length === 0) return;
        await recordEvent(tx, {
          kind: "order.stations-removed",
          by,
          plantId: onlyPlant(taken),
          subject: { id, name: order.number },
          reason,
          data: { stations: taken.map((one) => one.name), to: null },
        });
      });
      return id;
    },

    async setQuantity(
      name: string,
      { quantity, reason }: z.output<typeof QuantityRequest>,
      by: Origin,
    ): Promise<string> {
      const id = await idOf(name);
      await transaction(async (tx) => {
        const order = await locked(tx, id);
        mustBeOpen(order);
        const { number, used } = order;
        if (quantity < used) {
          throw new FlashlineError(
            "order.quantity_used",
            `${used} units of work order ${number} are in work, passed, unknown or kept for stations without the server; it cannot be for ${quantity}.`,
            { parameters: { order: number, used, quantity } },
          );
        }
        if (quantity === order.quantity) return;
        await changeOrder(tx, id, { quantity });
        await recordEvent(tx, {
          kind: "order.quantity-changed",
          by,
          subject: { id, name: number },
          before: { quantity: order.quantity },
          after: { quantity },
          reason,
          data: { used },
        });
      });
      return id;
    },

    async setRelease(
      name: string,
      { version, channel, reason }: z.output<typeof OrderReleaseRequest>,
      by: Origin,
    ): Promise<string> {
      const id = await idOf(name);
      await transaction(async (tx) => {
        // A channel's row is locked before those of its orders.
        const { product } = await followedBy(tx, id);
        const followed =
          channel === undefined ? undefined : await filledChannel(tx, product, channel);
        const order = await locked(tx, id);
        mustBeOpen(order);
        const releaseId = followed?.releaseId ?? (await named(tx, order, version));
        await changeOrder(tx, id, { releaseId, channelId: followed?.channelId ?? null }).catch(
          (error: unknown) => {
            throw isForeignKeyViolation(error) ? releaseGone(error) : error;
          },
        );
        const after = await locked(tx, id);
        if (order.version === after.version && order.channelId === after.channelId) return;
        await recordEvent(tx, {
          kind: "order.release-changed",
          by,
          subject: { id, name: order.number },
          before: releaseTold(order),
          after: releaseTold(after),
          reason,
          data: {},
        });
      });
      return id;
    },

    /** An order that is open stays as it is. */
    async reopen(
      name: string,
      request: z.output<typeof ReopenRequest>,
      by: Origin,
    ): Promise<string> {
      const id = await idOf(name);
      await transaction(async (tx) => {
        // What is in its channel by now; where nothing is, its units are refused until something is.
        const { product, channel } = await followedBy(tx, id);
        const followed = channel === null ? undefined : await followChannel(tx, product, channel);
        const order = await locked(tx, id);
        if (order.state === "open") return;
        if (order.channel !== channel) throw new FlashlineError("request.conflict", CHANGED);
        const { releaseId = null } = followed ?? {};
        await changeOrder(tx, id, { state: "open", ...(releaseId === null ? {} : { releaseId }) });
        const stations = await lockStations(tx, [...new Set(request.stations)]);
        await putIntoQueues(tx, id, stations, USUAL_PRIORITY);
        await recordEvent(tx, {
          kind: "order.reopened",
          by,
          plantId: onlyPlant(stations),
          subject: { id, name: order.number },
          before: { state: "closed" },
          after: { state: "open" },
          reason: request.reason,
          data: { stations: stations.map((one) => one.name) },
        });
      });
      return id;
    },
  };
}
