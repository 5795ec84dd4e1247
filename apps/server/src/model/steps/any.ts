import fc from "fast-check";
import { END_NAMES } from "../ends.ts";
import { type HoldKey, NESTS, ORDERS, RELEASES, STATIONS, UNITS } from "../state.ts";
import * as people from "./people.ts";
import { report } from "./result.ts";
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
  .tuple(station, fc.constantFrom([0, 1], [0, 1], [0], [1], []))
  .map((one) => at.fetch(...one));
const start = fc.tuple(station, nest, rarely, rarely).map((one) => at.start(...one));
const result = fc
  .record({
    attempt: which,
    end: fc.constantFrom("pass" as const, ...END_NAMES),
    other: rarely,
    twice: rarely,
    clockHours: fc.constantFrom(0, 0, 0, -30, 7, 40_000),
  })
  .map(({ attempt, end, ...options }) => report(attempt, end, options));
const stationStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(station, nest, unit).map((one) => at.preflight(...one)),
  fc.tuple(station, nest).map((one) => at.renew(...one)),
  fc.tuple(station, nest).map((one) => at.giveUp(...one)),
  station.map(at.crash),
  station.map(at.heartbeat),
);
const orderStep: fc.Arbitrary<Step> = fc.oneof(
  order.map(people.closeOrder),
  fc.tuple(order, stations).map((one) => people.reopen(...one)),
  fc.tuple(order, fc.integer({ min: 1, max: 4 })).map((one) => people.setQuantity(...one)),
  fc
    .record({
      order,
      station,
      priority: fc.constantFrom(null, null, 50, 100, 150),
      leaving: rarely,
      confirm: fc.boolean(),
    })
    .map(({ order: o, station: s, ...options }) => people.setStation(o, s, options)),
  fc.tuple(order, station).map((one) => people.removeStation(...one)),
  fc.tuple(order, release).map((one) => people.setRelease(...one)),
);
const rework = fc
  .tuple(fc.constantFrom("repair", "override", "scrap", "unscrap"), unit, which)
  .map((one) => people.rework(...one));
const releaseStep = fc
  .tuple(fc.constantFrom("promote", "withdraw", "revoke"), release)
  .map((one) => people.changeRelease(...one));
const hold = holdKey.map(people.hold);
const lift = which.map(people.lift);
const expire = which.map(at.expire);

/** Anything that may happen; most of it is work. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: scan },
  { weight: 9, arbitrary: fetch },
  { weight: 8, arbitrary: start },
  { weight: 7, arbitrary: result },
  { weight: 4, arbitrary: stationStep },
  { weight: 3, arbitrary: expire },
  { weight: 4, arbitrary: orderStep },
  { weight: 2, arbitrary: rework },
  { weight: 1, arbitrary: releaseStep },
  { weight: 2, arbitrary: hold },
  { weight: 2, arbitrary: lift },
);

const racing = fc.oneof(scan, fetch, start, result, stationStep, orderStep, hold, lift, expire);
/** Two at once. */
export const anyRace: fc.Arbitrary<readonly Step[]> = fc.tuple(racing, racing);
