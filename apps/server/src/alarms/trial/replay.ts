import { proportion } from "../../verdict/index.ts";

/** A result of the past, as a rule sees it. */
export interface PastResult {
  /** When the server got it, milliseconds since 1970. */
  readonly at: number;
  readonly outcome: "PASS" | "FAIL";
  /** The unit's first counted try at its product's first step. */
  readonly first: boolean;
  readonly virtual: boolean;
  /** It contradicts its job: it says nothing of the place. */
  readonly contradicted: boolean;
  /** An operator called it off. */
  readonly cancelled: boolean;
  readonly skewMs: number | null;
  readonly unitId: string;
  readonly serial: string;
  readonly product: string;
  readonly nestId: string;
  /** "L3-07/2". */
  readonly nest: string;
  readonly hostId: string;
  readonly host: string;
  readonly stationId: string;
  readonly station: string;
}

/** An alarm that there would have been. */
export interface WouldBe {
  readonly kind: "nest" | "host" | "station" | "product" | "line";
  readonly name: string;
  readonly at: number;
  /** Null: it would be open. */
  until: number | null;
  readonly parameters: Readonly<Record<string, string | number>>;
}

type Settings = Readonly<Record<string, number>>;

/** Takes results in the order in which they came, and keeps the alarms of a rule. */
export interface Replay {
  take(result: PastResult): void;
  /** The time that is looked at is over. */
  end(now: number): readonly WouldBe[];
}

const HOUR_MS = 3_600_000;

/** What is open by the id of what it is about, and all that there was. */
function alarms() {
  const all: WouldBe[] = [];
  const open = new Map<string, WouldBe>();
  return {
    all,
    isOpen: (id: string): boolean => open.has(id),
    raise(id: string, alarm: Omit<WouldBe, "until">): void {
      if (open.has(id)) return;
      const raised = { ...alarm, until: null };
      open.set(id, raised);
      all.push(raised);
    },
    recover(id: string, at: number): void {
      const known = open.get(id);
      if (known === undefined) return;
      known.until = at;
      open.delete(id);
    },
  };
}

/** Older failures are forgotten, and of one place so many are looked at: as the rule itself does. */
const FORGET_MS = 12 * HOUR_MS;
const MOST_OF_A_PLACE = 60;

function replayFailures(settings: Settings): Replay {
  const kept = alarms();
  const rows = new Map<string, PastResult[]>();
  const rowOf = (id: string, now: number): readonly PastResult[] => {
    const row = (rows.get(id) ?? []).filter(({ at }) => at > now - FORGET_MS);
    rows.set(id, row.slice(-MOST_OF_A_PLACE));
    return row;
  };
  const distinct = (row: readonly PastResult[], key: "unitId" | "nestId" | "hostId"): number =>
    new Set(row.map((one) => one[key])).size;
  const forget = (id: string, now: number): void => {
    const last = rows.get(id)?.at(-1);
    if (last !== undefined && last.at <= now - FORGET_MS) {
      kept.recover(id, last.at + FORGET_MS);
      rows.delete(id);
    }
  };
  return {
    take(result) {
      if (result.cancelled || result.contradicted) return;
      const { at, stationId, hostId, nestId } = result;
      const places = [stationId, hostId, nestId];
      for (const id of places) forget(id, at);
      if (result.outcome === "PASS") {
        for (const id of places) {
          kept.recover(id, at);
          rows.delete(id);
        }
        return;
      }
      for (const id of places) rows.set(id, [...(rows.get(id) ?? []), result]);
      const [ofStation, ofHost, ofNest] = places.map((id) => rowOf(id, at));
      const sizes = [ofStation, ofHost, ofNest].map((row) => distinct(row ?? [], "unitId"));
      const [stationUnits = 0, hostUnits = 0, nestUnits = 0] = sizes;
      const limit = (name: string): number => settings[name] ?? Number.POSITIVE_INFINITY;
      const isStation = stationUnits >= limit("station") && distinct(ofStation ?? [], "hostId") > 1;
      const isHost = hostUnits >= limit("host") && distinct(ofHost ?? [], "nestId") > 1;
      // What holds of a larger place is not told of the smaller ones in it.
      if (isStation) {
        kept.raise(stationId, {
          kind: "station",
          name: result.station,
          at,
          parameters: { units: stationUnits },
        });
        kept.recover(hostId, at);
        kept.recover(nestId, at);
      } else if (isHost) {
        kept.raise(hostId, {
          kind: "host",
          name: result.host,
          at,
          parameters: { units: hostUnits },
        });
        kept.recover(nestId, at);
      } else if (nestUnits >= limit("nest")) {
        kept.raise(nestId, {
          kind: "nest",
          name: result.nest,
          at,
          parameters: { units: nestUnits },
        });
      }
    },
    end(now) {
      for (const id of [...rows.keys()]) forget(id, now);
      return kept.all;
    },
  };
}

/** Of all results together so many are looked at: as the rule itself does. */
const MOST_FOR_YIELD = 2_000;

function replayYield(settings: Settings): Replay {
  const { share = 1, units: least = 1, hours = 4 } = settings;
  const kept = alarms();
  const recent: PastResult[] = [];
  const counts = new Map<string, { units: number; passed: number }>();
  const keyOf = (product: string, virtual: boolean) => `${virtual} ${product}`;
  const of = (product: string, virtual: boolean) =>
    counts.get(keyOf(product, virtual)) ?? { units: 0, passed: 0 };
  const count = ({ product, outcome, virtual }: PastResult, by: 1 | -1): void => {
    const own = of(product, virtual);
    const passed = own.passed + (outcome === "PASS" ? by : 0);
    counts.set(keyOf(product, virtual), { units: own.units + by, passed });
  };
  const look = (product: string, now: number): void => {
    const real = of(product, false);
    const { units, passed } = real.units > 0 ? real : of(product, true);
    if (passed >= units * share) {
      kept.recover(product, now);
    } else if (units >= least && proportion(passed, units).high < share) {
      const limit = Math.round(share * 1_000) / 10;
      const parameters = { units, passed, limit };
      kept.raise(product, { kind: "product", name: product, at: now, parameters });
    }
  };
  const drop = (now: number): void => {
    const old = recent.findIndex(({ at }) => at > now - hours * HOUR_MS);
    const tooOld = old === -1 ? recent.length : old;
    const gone = recent.splice(0, Math.max(tooOld, recent.length - MOST_FOR_YIELD));
    for (const one of gone) count(one, -1);
    for (const product of new Set(gone.map((one) => one.product))) look(product, now);
  };
  return {
    take(result) {
      if (result.cancelled || result.contradicted || !result.first) return;
      drop(result.at);
      recent.push(result);
      count(result, 1);
      look(result.product, result.at);
    },
    end(now) {
      drop(now);
      return kept.all;
    },
  };
}

function replaySkew({ seconds = 60 }: Settings): Replay {
  const kept = alarms();
  const last = new Map<string, number>();
  return {
    take({ at, skewMs, stationId, station }) {
      if (skewMs === null) return;
      last.set(stationId, at);
      const off = Math.abs(skewMs) / 1_000;
      if (off > seconds) {
        const parameters = {
          seconds: Math.round(off),
          direction: skewMs > 0 ? "slow" : "fast",
        };
        kept.raise(stationId, { kind: "station", name: station, at, parameters });
      } else if (off < seconds / 2) kept.recover(stationId, at);
    },
    end(now) {
      for (const [id, at] of last) {
        if (now - at > 24 * HOUR_MS) kept.recover(id, at + 24 * HOUR_MS);
      }
      return kept.all;
    },
  };
}

function replayContradictions({ hours = 4 }: Settings): Replay {
  const kept = alarms();
  const last = new Map<string, number>();
  const forget = (id: string, now: number): void => {
    const at = last.get(id);
    if (at !== undefined && at <= now - hours * HOUR_MS) kept.recover(id, at + hours * HOUR_MS);
  };
  return {
    take({ at, contradicted, stationId, station, serial }) {
      forget(stationId, at);
      if (!contradicted) return;
      const parameters = { results: 1, serial };
      kept.raise(stationId, { kind: "station", name: station, at, parameters });
      last.set(stationId, at);
    },
    end(now) {
      for (const id of last.keys()) forget(id, now);
      return kept.all;
    },
  };
}

/** Rules that look at results alone: only of these anybody can tell what they would have said. */
export const REPLAYS = {
  "failures.row": replayFailures,
  "yield.low": replayYield,
  "clock.skew": replaySkew,
  "result.contradicted": replayContradictions,
} as const satisfies Record<string, (settings: Settings) => Replay>;
