import fc from "fast-check";
import { END_NAMES } from "../plant/ends.ts";
import { type HoldKey, NESTS, ORDERS, RELEASES, STATIONS, UNITS } from "../plant/state.ts";
import { hold, lift } from "./holds.ts";
import * as orders from "./orders.ts";
import { changeRelease } from "./releases.ts";
import { report } from "./result.ts";
import { rework } from "./rework.ts";
import * as at from "./station.ts";
import type { Step } from "./step.ts";

const below = (n: number) => fc.nat({ max: n - 1 });
const station = below(STATIONS);
const nest = below(NESTS);
const unit = below(UNITS);
const order = below(ORDERS);
const release = below(RELEASES);
const which = below(12);
const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 9);
const stations = fc.uniqueArray(station, { maxLength: STATIONS });

const holdKey: fc.Arbitrary<HoldKey> = fc.oneof(
  fc.constant<HoldKey>("line"),
  fc.constant<HoldKey>("batch"),
  station.map((s): HoldKey => `station ${s}`),
  fc.tuple(station, nest).map(([s, n]): HoldKey => `nest ${s}/${n}`),
  station.map((s): HoldKey => `host ${s}`),
  unit.map((u): HoldKey => `unit ${u}`),
);

const scan = fc.tuple(station, nest, unit, rarely).map((one) => at.scan(...one));
const fetch = fc
  .tuple(
    station,
    fc.constantFrom([0, 1], [0, 1], [0, 1], [0], [1], []),
    fc.option(which, { nil: null }),
  )
  .map((one) => at.fetch(...one));
const start = fc.tuple(which, rarely, rarely).map((one) => at.start(...one));
const result = fc
  .record({
    attempt: which,
    end: fc.constantFrom("pass" as const, ...END_NAMES),
    how: fc.constantFrom(
      "new" as const,
      "new" as const,
      "new" as const,
      "again" as const,
      "other" as const,
    ),
    twice: rarely,
    clockHours: fc.constantFrom(0, 0, 0, -30, 7, 40_000),
  })
  .map(({ attempt, end, ...options }) => report(attempt, end, options));
const stationStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(station, nest, unit).map((one) => at.preflight(...one)),
  which.map(at.renew),
  which.map(at.giveUp),
  station.map(at.crash),
  station.map(at.heartbeat),
);
const orderStep: fc.Arbitrary<Step> = fc.oneof(
  order.map(orders.closeOrder),
  fc.tuple(order, stations).map((one) => orders.reopen(...one)),
  fc.tuple(order, fc.integer({ min: 1, max: 4 })).map((one) => orders.setQuantity(...one)),
  fc
    .record({
      order,
      station,
      priority: fc.constantFrom(null, null, 50, 100, 150),
      leaving: rarely,
      confirm: fc.boolean(),
    })
    .map(({ order: o, station: s, ...options }) => orders.setStation(o, s, options)),
  fc.tuple(order, station).map((one) => orders.removeStation(...one)),
  fc.tuple(order, release).map((one) => orders.setRelease(...one)),
);
const reworking = fc
  .tuple(fc.constantFrom("repair", "override", "scrap", "unscrap"), unit, which)
  .map((one) => rework(...one));
const releaseStep = fc
  .tuple(fc.constantFrom("promote", "withdraw", "revoke"), release)
  .map((one) => changeRelease(...one));
const setting = holdKey.map(hold);
const lifting = which.map(lift);
const expire = which.map(at.expire);

/** Anything that may happen; most of it is work. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 50, arbitrary: scan },
  { weight: 50, arbitrary: fetch },
  { weight: 50, arbitrary: start },
  { weight: 40, arbitrary: result },
  { weight: 15, arbitrary: stationStep },
  { weight: 10, arbitrary: expire },
  { weight: 20, arbitrary: orderStep },
  { weight: 10, arbitrary: reworking },
  { weight: 5, arbitrary: releaseStep },
  { weight: 10, arbitrary: setting },
  { weight: 10, arbitrary: lifting },
  // It takes a second.
  { weight: 1, arbitrary: fc.constant(at.restart()) },
);

const racing = fc.oneof(
  scan,
  fetch,
  start,
  result,
  stationStep,
  orderStep,
  setting,
  lifting,
  expire,
);
/** Two at once. */
export const anyRace: fc.Arbitrary<readonly Step[]> = fc.tuple(racing, racing);
