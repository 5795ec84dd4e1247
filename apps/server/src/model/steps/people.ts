import type { HoldTarget } from "@flashline/contract";
import { newId } from "../../ids.ts";
import {
  allowedOf,
  callOff,
  failuresOf,
  isOpen,
  jobOf,
  queueOf,
  releaseCode,
  tell,
  usedOf,
} from "../rules.ts";
import type { HoldKey, Order, State } from "../state.ts";
import type { World } from "../world.ts";
import { answered, nestName, pick, type Step } from "./step.ts";

const reason = "by the model";

const HOLD_EVENTS: Readonly<Record<string, readonly [set: string, lifted: string]>> = {
  line: ["line.paused", "line.resumed"],
  station: ["station.paused", "station.resumed"],
  nest: ["nest.off", "nest.on"],
  host: ["host.quarantined", "host.cleared"],
  unit: ["unit.held", "unit.released"],
  batch: ["batch.held", "batch.released"],
};
const kindOf = (key: HoldKey): string => key.split(" ")[0] ?? "";

function targetOf(world: World, key: HoldKey): HoldTarget {
  const [station = "", nest = ""] = (key.split(" ")[1] ?? "").split("/");
  const at = world.stations[Number(station)];
  const name = at?.name ?? "";
  switch (kindOf(key)) {
    case "line":
      return { kind: "line", line: world.line };
    case "station":
      return { kind: "station", station: name };
    case "nest":
      return { kind: "nest", station: name, nest: nestName(Number(nest)) };
    case "host":
      return { kind: "host", host: at?.machine ?? "" };
    case "unit":
      return { kind: "unit", serial: world.serials[Number(station)] ?? "" };
    default:
      return { kind: "batch", product: world.product, batch: world.batch };
  }
}

/** Whether what the hold is on is there: a host and a unit become known with an attempt and a job. */
function isThere(s: State, key: HoldKey): boolean {
  const at = Number(key.split(" ")[1]);
  if (kindOf(key) === "unit") return s.units[at]?.known === true;
  if (kindOf(key) !== "host") return true;
  return s.stations[at]?.nests.some(({ hostShown }) => hostShown) === true;
}

export const hold = (key: HoldKey): Step => ({
  name: `hold on ${key}`,
  plan: () => ({
    model(s) {
      if (!isThere(s, key)) return "request.not_found";
      if (!s.holds.includes(key)) {
        s.holds.push(key);
        tell(s, HOLD_EVENTS[kindOf(key)]?.[0] ?? "");
      }
      callOff(s);
      return "ok";
    },
    real: (world, replica) =>
      answered(
        world.people(replica)("setHold", { body: { target: targetOf(world, key), reason } }),
      ),
  }),
});

/** Ends one of the holds that are on. */
export const lift = (which: number): Step => ({
  name: `hold ${which} is lifted`,
  plan(s) {
    const key = pick(s.holds, which);
    if (key === undefined) return null;
    return {
      model(now) {
        const at = now.holds.indexOf(key);
        if (at < 0) return "ok";
        now.holds.splice(at, 1);
        tell(now, HOLD_EVENTS[kindOf(key)]?.[1] ?? "");
        return "ok";
      },
      real: (world, replica) =>
        answered(
          world.people(replica)("liftHold", { body: { target: targetOf(world, key), reason } }),
        ),
    };
  },
});

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

const RELEASE_DEEDS = {
  promote: { from: "draft", to: "released", event: "release.released" },
  revoke: { from: "released", to: "revoked", event: "release.revoked" },
  withdraw: { from: "draft", to: "withdrawn", event: "release.withdrawn" },
} as const;
export type ReleaseDeed = keyof typeof RELEASE_DEEDS;

/** The answer where a release is not in the state from which the deed leads. */
function releaseAnswer(deed: ReleaseDeed, state: string): string {
  if (state === "withdrawn") return "request.not_found";
  if (deed === "withdraw") return "release.not_draft";
  if (deed === "promote") return state === "revoked" ? "release.revoked" : "ok";
  return state === "draft" ? "release.not_released" : "ok";
}

export const changeRelease = (deed: ReleaseDeed, release: number): Step => ({
  name: `${deed} of release ${release}`,
  plan: () => ({
    model(s) {
      const { from, to, event } = RELEASE_DEEDS[deed];
      const state = s.releases[release] ?? "withdrawn";
      if (state !== from) return releaseAnswer(deed, state);
      s.releases[release] = to;
      tell(s, event);
      return "ok";
    },
    real(world, replica) {
      const call = world.people(replica);
      const of = { id: world.releases[release]?.id ?? "" };
      if (deed === "promote") return answered(call("promote", { params: of }));
      if (deed === "revoke") return answered(call("revoke", { params: of, body: { reason } }));
      return answered(call("withdrawRelease", { params: of, body: { reason } }));
    },
  }),
});

async function unitId(world: World, unit: number): Promise<string> {
  const [row] = await world.replicas.server.platform.db.sql.query<{ id: string }>(
    "SELECT id FROM unit WHERE product_id = $1 AND serial = $2",
    [world.productId, world.serials[unit]],
  );
  return row?.id ?? "";
}

export type Rework = "repair" | "override" | "scrap" | "unscrap";

/** What a lead does about a unit, in words that were not said before. */
export const rework = (kind: Rework, unit: number, which: number): Step => ({
  name: `${kind} of unit ${unit}`,
  plan(s) {
    const failed = s.attempts.filter(
      (one) => one.outcome === "FAIL" && jobOf(s, one.job).unit === unit,
    );
    const attemptId = pick(failed, which)?.id;
    if (s.units[unit]?.known !== true || (kind === "repair" && attemptId === undefined))
      return null;
    const what = `because ${newId()}`;
    return {
      model(now) {
        const one = now.units[unit];
        if (one === undefined) return "request.not_found";
        if (kind === "unscrap" && !one.scrapped) return "request.conflict";
        if (kind !== "unscrap" && one.scrapped) return "preflight.scrapped";
        const busy = now.jobs.some((job) => job.unit === unit && isOpen(job));
        if (kind === "scrap" && busy) return "preflight.busy";
        if (kind === "override" && failuresOf(now, unit) < allowedOf(now, unit)) {
          return "request.conflict";
        }
        if (kind === "scrap" || kind === "unscrap") one.scrapped = kind === "scrap";
        if (kind === "repair") one.repairs.push(Date.now());
        if (kind === "override") one.overrides.push(Date.now());
        tell(now, REWORK_EVENTS[kind]);
        return "ok";
      },
      async real(world, replica) {
        const call = world.people(replica);
        const of = { id: await unitId(world, unit) };
        const body = { reason: what };
        switch (kind) {
          case "repair":
            return answered(
              call("repairUnit", { params: of, body: { attemptId: attemptId ?? "", what } }),
            );
          case "override":
            return answered(call("allowRetest", { params: of, body }));
          case "scrap":
            return answered(call("scrapUnit", { params: of, body }));
          case "unscrap":
            return answered(call("unscrapUnit", { params: of, body }));
        }
      },
    };
  },
});

const REWORK_EVENTS = {
  repair: "unit.repaired",
  override: "unit.retest-allowed",
  scrap: "unit.scrapped",
  unscrap: "unit.unscrapped",
} as const satisfies Record<Rework, string>;
