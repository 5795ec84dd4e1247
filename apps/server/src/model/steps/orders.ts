import { queueOf, releaseCode, tell, usedOf } from "../plant/rules.ts";
import type { Order, State } from "../plant/state.ts";
import type { World } from "../plant/world.ts";
import { answered, type Step } from "./step.ts";

const reason = "by the model";

const orderOf = (s: State, order: number): Order => {
  const found = s.orders[order];
  if (found === undefined) throw new RangeError(`the model has no order ${order}`);
  return found;
};
const params = (world: World, order: number) => ({ id: world.orders[order]?.number ?? "" });
const names = (world: World, stations: readonly number[]) =>
  stations.map((at) => world.stations[at]?.name ?? "");

function takeOut(s: State, order: number, stations: readonly number[]): boolean {
  let was = false;
  for (const at of stations) {
    const queue = s.stations[at]?.queue ?? [];
    const place = queue.findIndex((one) => one.order === order);
    if (place < 0) continue;
    queue.splice(place, 1);
    was = true;
  }
  return was;
}

/** Behind those of its priority: later than whatever was set before. */
const later = (s: State): number =>
  Math.max(Date.now(), ...s.stations.flatMap(({ queue }) => queue.map((one) => one.setAt + 1)));

export const closeOrder = (order: number): Step => ({
  name: `order ${order} is closed`,
  plan: () => ({
    model(s) {
      const one = orderOf(s, order);
      if (!one.open) return "ok";
      one.open = false;
      takeOut(s, order, [...s.stations.keys()]);
      tell(s, "order.closed");
      return "ok";
    },
    real: (world, replica) =>
      answered(world.people(replica)("closeWorkOrder", { params: params(world, order) })),
  }),
});

export const reopen = (order: number, stations: readonly number[]): Step => ({
  name: `order ${order} goes on at ${stations.join(", ")}`,
  plan: () => ({
    model(s) {
      const one = orderOf(s, order);
      if (one.open) return "ok";
      one.open = true;
      for (const at of new Set(stations)) {
        s.stations[at]?.queue.push({ order, priority: 100, setAt: later(s) });
      }
      tell(s, "order.reopened");
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("reopenWorkOrder", {
          params: params(world, order),
          body: { stations: names(world, stations), reason },
        }),
      ),
  }),
});

export const setQuantity = (order: number, quantity: number): Step => ({
  name: `order ${order} is for ${quantity}`,
  plan: () => ({
    model(s) {
      const one = orderOf(s, order);
      if (!one.open) return "order.closed";
      if (quantity < usedOf(s, order)) return "order.quantity_used";
      if (quantity === one.quantity) return "ok";
      one.quantity = quantity;
      tell(s, "order.quantity-changed");
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("setOrderQuantity", {
          params: params(world, order),
          body: { quantity },
        }),
      ),
  }),
});

const activeOf = (s: State, station: number): number | undefined =>
  queueOf(s, station).find(({ order }) => usedOf(s, order) < orderOf(s, order).quantity)?.order;

/** Puts an order into a station's queue; `leaving`: in the place of the other one. */
export function setStation(
  order: number,
  station: number,
  options: {
    readonly priority: number | null;
    readonly leaving: boolean;
    readonly confirm: boolean;
  },
): Step {
  const { priority: asked, leaving, confirm } = options;
  const other = 1 - order;
  const how = `${asked === null ? "" : ` with ${asked}`}${leaving ? ` for ${other}` : ""}${confirm ? "" : " unconfirmed"}`;
  return {
    name: `order ${order} comes to station ${station}${how}`,
    plan: () => ({
      model(s) {
        if (!orderOf(s, order).open) return "order.closed";
        const queue = s.stations[station]?.queue ?? [];
        if (leaving && !queue.some((one) => one.order === other)) return "order.station_elsewhere";
        const has = queue.find((one) => one.order === order);
        const priority = asked ?? has?.priority ?? 100;
        const changes = has?.priority !== priority;
        const before = activeOf(s, station);
        const after = structuredClone(s);
        if (changes) {
          takeOut(after, order, [station]);
          after.stations[station]?.queue.push({ order, priority, setAt: later(s) });
        }
        const leaves = leaving || (before !== undefined && before !== activeOf(after, station));
        if (leaves && !confirm) return "order.unconfirmed";
        if (changes) {
          takeOut(s, order, [station]);
          queue.push({ order, priority, setAt: later(s) });
        }
        if (leaving) {
          takeOut(s, other, [station]);
          tell(s, "order.stations-removed");
        }
        if (changes || leaving) tell(s, "order.stations-set");
        return "ok";
      },
      real: (world, replica) =>
        answered(
          world.people(replica)("setOrderStations", {
            params: params(world, order),
            body: {
              stations: names(world, [station]),
              confirm,
              ...(asked === null ? {} : { priority: asked }),
              ...(leaving ? { from: world.orders[other]?.number ?? "" } : {}),
            },
          }),
        ),
    }),
  };
}

export const removeStation = (order: number, station: number): Step => ({
  name: `order ${order} leaves station ${station}`,
  plan: () => ({
    model(s) {
      if (takeOut(s, order, [station])) tell(s, "order.stations-removed");
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("removeOrderStation", {
          params: { ...params(world, order), station: world.stations[station]?.name ?? "" },
        }),
      ),
  }),
});

export const setRelease = (order: number, release: number): Step => ({
  name: `order ${order} gets release ${release}`,
  plan: () => ({
    model(s) {
      const one = orderOf(s, order);
      if (!one.open) return "order.closed";
      if (s.releases[release] === "withdrawn") return "request.invalid";
      const code = releaseCode(s, release);
      if (code !== null) return code;
      if (one.release === release) return "ok";
      one.release = release;
      tell(s, "order.release-changed");
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("setOrderRelease", {
          params: params(world, order),
          body: { version: `1.${release}.0`, reason },
        }),
      ),
  }),
});
