import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../ids.ts";
import { codeOf, lineOf } from "../jobs/testing.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { type Flashed, grantedStation } from "./testing.ts";

/** Orders, each with two stations and units of its own. */
const RUNS = Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 200) / 5);
const SEED = Number(
  process.env["FLASHLINE_SEED"] ?? (RUNS > 100 ? Date.now() % 1_000_000_000 : 11),
);
/** What was made until then counts. */
const SECONDS = Math.min(60 + 4 * RUNS, 900);
const STATIONS = 2;
const UNITS = 8;
/** So many are there before anything happens to them. */
const KNOWN = 4;
const QUANTITY = 20;
/** The plant's. */
const MOST = 3;

let server: TestServer;
let engineer: TestClient;
let lead: TestClient;
const heard = new Set<string>();
beforeAll(async () => {
  server = await startTestServer({ requestsPerMinute: 10_000_000 });
  engineer = await server.person("engineer");
  lead = await server.person("operator-lead");
  const body = { hours: 8, units: MOST, reason: "for the model" };
  await engineer("setPlantGrants", { params: { id: "Graz" }, body });
  const { sql } = server.platform.db;
  await sql.execute("UPDATE product SET retest_limit = 100");
});
afterAll(() => server.close());

type Signed = Awaited<ReturnType<ReturnType<typeof grantedStation>["grant"]>>;

/** A grant as its station knows it; the places that it used are the model's journal. */
interface HeldGrant {
  readonly signed: Signed;
  readonly units: number;
  readonly places: Set<number>;
  /** Places whose results came in. */
  told: number;
  /** For the server: it keeps no places any more. */
  ended: boolean;
}
interface Waiting {
  readonly flashed: Flashed;
  readonly grant: HeldGrant;
  readonly unit: number;
  readonly passes: boolean;
  readonly at: number;
}
interface Station {
  readonly seeded: SeededStation;
  readonly link: ReturnType<typeof grantedStation>;
  readonly line: ReturnType<typeof lineOf>;
  /** The latest one is used; those of before wait for their results. */
  readonly grants: HeldGrant[];
  readonly waiting: Waiting[];
  readonly delivered: { readonly flashed: Flashed; readonly state: string }[];
  /** Units that passed here, as its journal knows. */
  readonly passed: Set<number>;
}
interface ModelJob {
  readonly unit: number;
  state: "PASSED" | "FAILED" | "UNKNOWN" | "SUPERSEDED";
  readonly at: number;
}
interface World {
  readonly number: string;
  readonly serials: readonly string[];
  readonly stations: readonly Station[];
  readonly jobs: ModelJob[];
  readonly scrapped: Set<number>;
  /** Since when. */
  readonly held: Map<number, number>;
  readonly known: Set<number>;
  quantity: number;
}

let made = 0;
let attempts = 0;

/** A grant names what may not be flashed, which is of the whole product: a thousand worlds would be too much for one. */
async function forgetBarred(): Promise<void> {
  const { sql } = server.platform.db;
  await sql.execute("UPDATE hold SET lifted_at = now() WHERE lifted_at IS NULL");
  await sql.execute("DELETE FROM rework WHERE kind = 'scrap'");
}

async function newWorld(): Promise<World> {
  made += 1;
  await forgetBarred();
  const number = `WO-M${made}`;
  const stations: Station[] = [];
  for (let at = 0; at < STATIONS; at += 1) {
    const seeded = await server.addStation(`M${made}-${at}`, 1);
    const { sql } = server.platform.db;
    await sql.execute("DELETE FROM station_order WHERE station_id = $1", [seeded.id]);
    const call = server.station(seeded);
    stations.push({
      seeded,
      link: grantedStation(call, seeded),
      line: lineOf(server, seeded),
      grants: [],
      waiting: [],
      delivered: [],
      passed: new Set(),
    });
  }
  const names = stations.map(({ seeded }) => seeded.name);
  await engineer("addWorkOrder", {
    body: { number, product: "PSU-40", version: "1.0.0", quantity: QUANTITY, stations: names },
  });
  const serials = Array.from({ length: UNITS }, (_, unit) => `SN${1000 + made}${unit}`);
  await engineer("addUnits", { body: { product: "PSU-40", serials: serials.slice(0, KNOWN) } });
  return {
    number,
    serials,
    stations,
    jobs: [],
    scrapped: new Set(),
    held: new Map(),
    known: new Set(Array.from({ length: KNOWN }, (_, unit) => unit)),
    quantity: QUANTITY,
  };
}

// The server's own rules, told once more.
const counted = ({ state }: ModelJob): boolean => state === "PASSED" || state === "UNKNOWN";
const usedOf = ({ jobs }: World): number => jobs.filter(counted).length;
const keptBy = ({ grants }: Station): number =>
  grants.reduce((sum, { ended, units, told }) => sum + (ended ? 0 : units - told), 0);
const reservedOf = ({ stations }: World): number =>
  stations.reduce((sum, station) => sum + keptBy(station), 0);
const hasPassed = ({ jobs }: World, unit: number): boolean =>
  jobs.some((job) => job.unit === unit && job.state === "PASSED");

/** The clock of the model: the server's, never twice the same. */
let latest = 0;
async function now(): Promise<number> {
  while (Date.now() <= latest) await new Promise((resolve) => setTimeout(resolve, 1));
  latest = Date.now();
  return latest;
}

type Act = (world: World) => Promise<string>;

const ask =
  (at: number): Act =>
  async (world) => {
    const station = world.stations[at];
    if (station === undefined) return "";
    const open = station.grants.filter(({ ended }) => !ended).length;
    const mine = keptBy(station);
    const free = world.quantity - usedOf(world) - reservedOf(world);
    const share = Math.floor((free + mine) / (2 * STATIONS));
    const size = open >= 3 ? 0 : Math.max(0, Math.min(MOST, share, free));
    const id = newId();
    const answer = await station.link.ask(id);
    expect(answer.grant === null ? 0 : JSON.parse(answer.grant.statement).units).toBe(size);
    if (size === 0) return "no grant";
    const signed = await station.link.grant(id);
    const { units, barred } = signed.grant;
    for (const unit of [...world.held.keys(), ...world.scrapped]) {
      expect(barred).toContain(world.serials[unit]);
    }
    station.grants.push({ signed, units, places: new Set(), told: 0, ended: false });
    return "granted";
  };

/** Without the server: the station's own rules, as its agent has them. */
const flash =
  (at: number, unit: number, passes: boolean): Act =>
  async ({ stations, serials }) => {
    const station = stations[at];
    const grant = station?.grants.at(-1);
    const serial = serials[unit] ?? "";
    if (station === undefined || grant === undefined) return "";
    if (grant.places.size >= grant.units) return "used up";
    if (station.passed.has(unit) || grant.signed.grant.barred.includes(serial)) return "refused";
    const place = grant.places.size + 1;
    grant.places.add(place);
    const when = await now();
    const bad = { outcome: "FAIL", code: "flash.write_failed", blame: "unit" };
    const time = new Date(when);
    const flashed = station.link.flash(grant.signed, place, serial, passes ? {} : bad, time);
    if (passes) station.passed.add(unit);
    station.waiting.push({ flashed, grant, unit, passes, at: when });
    return "flashed";
  };

const deliver =
  (at: number, twice: boolean): Act =>
  async (world) => {
    const station = world.stations[at];
    const next = station?.waiting.shift();
    if (station === undefined || next === undefined) return "";
    const { flashed, grant, unit, passes, at: when } = next;
    const isFull = usedOf(world) + reservedOf(world) >= world.quantity;
    const heldSince = world.held.get(unit);
    const isRefused =
      hasPassed(world, unit) ||
      world.scrapped.has(unit) ||
      (heldSince !== undefined && heldSince <= when) ||
      (grant.ended && isFull);
    for (const job of world.jobs) {
      if (job.unit === unit && job.state === "UNKNOWN" && job.at < when) job.state = "SUPERSEDED";
    }
    const state = passes ? (isRefused ? "UNKNOWN" : "PASSED") : "FAILED";
    world.jobs.push({ unit, state, at: when });
    world.known.add(unit);
    grant.told += 1;
    const expected = `${isRefused ? 202 : 201} ${state}`;
    const again = `200 ${state}`;
    attempts += 1;
    if (twice) {
      // The answer was lost, and the result is sent again while the first one is still worked on.
      const both = await Promise.all([station.link.report(flashed), station.link.report(flashed)]);
      expect(both.toSorted()).toEqual([expected, again].toSorted());
    } else expect(await station.link.report(flashed)).toBe(expected);
    station.delivered.push({ flashed, state });
    return expected;
  };

/** What was acknowledged comes once more: from a journal that lost the acknowledgment. */
const again =
  (at: number): Act =>
  async ({ stations }) => {
    const station = stations[at];
    const one = station?.delivered.at(-1);
    if (station === undefined || one === undefined) return "";
    // A later attempt of the unit may have moved its job on.
    expect((await station.link.report(one.flashed)).slice(0, 3)).toBe("200");
    return "again";
  };

const giveBack =
  (at: number): Act =>
  async ({ stations }) => {
    const station = stations[at];
    const grant = station?.grants.find(({ ended }) => !ended);
    if (station === undefined || grant === undefined) return "";
    if (station.waiting.some((one) => one.grant === grant)) return "";
    await station.link.giveBack(grant.signed.grant.id);
    grant.ended = true;
    station.grants.splice(station.grants.indexOf(grant), 1);
    return "given back";
  };

/** The station does not hear of it, and may go on. */
const end =
  (at: number): Act =>
  async ({ stations }) => {
    const grant = stations[at]?.grants.find(({ ended }) => !ended);
    if (grant === undefined) return "";
    const params = { id: grant.signed.grant.id };
    await engineer("endGrant", { params, body: { reason: "by the model" } });
    grant.ended = true;
    return "ended";
  };

const online =
  (at: number, unit: number): Act =>
  async (world) => {
    const station = world.stations[at];
    const serial = world.serials[unit] ?? "";
    if (station === undefined) return "";
    const own = world.jobs.filter((job) => job.unit === unit && counted(job)).length;
    const others = usedOf(world) + reservedOf(world) - own;
    const isFull = others >= world.quantity;
    const when = await now();
    const said = await codeOf(station.line.flash(serial));
    const expected = world.scrapped.has(unit)
      ? "preflight.scrapped"
      : world.held.has(unit)
        ? "preflight.unit_held"
        : hasPassed(world, unit)
          ? "preflight.already_passed"
          : isFull
            ? "preflight.quota_reached"
            : "accepted";
    expect(said).toBe(expected);
    if (said !== "accepted") return said;
    for (const job of world.jobs)
      if (job.unit === unit && job.state === "UNKNOWN") job.state = "SUPERSEDED";
    world.jobs.push({ unit, state: "PASSED", at: when });
    world.known.add(unit);
    station.passed.add(unit);
    return "online";
  };

const unitTarget = (world: World, unit: number) => ({
  kind: "unit" as const,
  serial: world.serials[unit] ?? "",
});
const hold =
  (unit: number): Act =>
  async (world) => {
    if (!world.known.has(unit) || world.held.has(unit)) return "";
    world.held.set(unit, await now());
    const target = unitTarget(world, unit);
    await engineer("setHold", { body: { target, reason: "by the model" } });
    await now();
    return "held";
  };
const lift =
  (unit: number): Act =>
  async (world) => {
    if (!world.held.delete(unit)) return "";
    const target = unitTarget(world, unit);
    await engineer("liftHold", { body: { target, reason: "by the model" } });
    return "lifted";
  };
const scrap =
  (unit: number): Act =>
  async (world) => {
    if (!world.known.has(unit) || world.scrapped.has(unit)) return "";
    const search = world.serials[unit] ?? "";
    const [found] = (await engineer("units", { query: { search } })).body;
    await lead("scrapUnit", { params: { id: found?.id ?? "" }, body: { reason: "by the model" } });
    world.scrapped.add(unit);
    return "scrapped";
  };
const setQuantity =
  (quantity: number): Act =>
  async (world) => {
    const least = usedOf(world) + reservedOf(world);
    const params = { id: world.number };
    const said = await codeOf(engineer("setOrderQuantity", { params, body: { quantity } }));
    expect(said).toBe(quantity < least ? "order.quantity_used" : "accepted");
    if (said === "accepted") world.quantity = quantity;
    return said;
  };

/** What PostgreSQL keeps is what the model comes to; and what must hold whatever happens. */
async function mustAgree(world: World): Promise<void> {
  const { sql } = server.platform.db;
  const [kept] = await sql.query<{ used: number; reserved: number; jobs: number; places: number }>(
    `SELECT wo.used, wo.reserved,
            (SELECT count(*)::int FROM job j WHERE j.work_order_id = wo.id AND j.grant_id IS NOT NULL) AS jobs,
            (SELECT count(DISTINCT (j.grant_id, j.grant_place))::int FROM job j WHERE j.work_order_id = wo.id AND j.grant_place IS NOT NULL) AS places
       FROM work_order wo WHERE wo.number = $1`,
    [world.number],
  );
  const used = usedOf(world);
  const reserved = reservedOf(world);
  const told = world.stations.reduce((sum, { delivered }) => sum + delivered.length, 0);
  expect(kept).toEqual({ used, reserved, jobs: told, places: told });
  // Only a grant that a person ended, under which its station went on, leads beyond the quantity; and then the units did not pass.
  const passed = world.jobs.filter(({ state }) => state === "PASSED").length;
  expect(passed).toBeLessThanOrEqual(world.quantity);
}

const station = fc.nat({ max: STATIONS - 1 });
const unit = fc.nat({ max: UNITS - 1 });
const rarely = fc.integer({ min: 0, max: 4 }).map((n) => n === 4);
const named = (name: string, act: Act) => ({ name, act, [fc.toStringMethod]: () => name });
const anyAct = fc.oneof(
  { weight: 14, arbitrary: station.map((at) => named(`ask ${at}`, ask(at))) },
  {
    weight: 24,
    arbitrary: fc
      .tuple(station, unit, rarely)
      .map(([at, u, bad]) => named(`flash ${u} at ${at}${bad ? ", bad" : ""}`, flash(at, u, !bad))),
  },
  {
    weight: 14,
    arbitrary: fc
      .tuple(station, rarely)
      .map(([at, twice]) => named(`deliver ${at}${twice ? " twice" : ""}`, deliver(at, twice))),
  },
  { weight: 2, arbitrary: station.map((at) => named(`again ${at}`, again(at))) },
  { weight: 4, arbitrary: station.map((at) => named(`give back ${at}`, giveBack(at))) },
  { weight: 2, arbitrary: station.map((at) => named(`end ${at}`, end(at))) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(station, unit)
      .map(([at, u]) => named(`online ${u} at ${at}`, online(at, u))),
  },
  { weight: 2, arbitrary: unit.map((u) => named(`hold ${u}`, hold(u))) },
  { weight: 1, arbitrary: unit.map((u) => named(`lift ${u}`, lift(u))) },
  { weight: 3, arbitrary: unit.map((u) => named(`scrap ${u}`, scrap(u))) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 24 }).map((n) => named(`quantity ${n}`, setQuantity(n))),
  },
);

const MUST_BE_MET = [
  ...["granted", "no grant", "flashed", "used up", "online", "given back", "again"],
  ...["201 PASSED", "201 FAILED", "202 UNKNOWN", "preflight.already_passed"],
];

test(`stations without the server, with it again, and what is decided meanwhile come to what the model does (seed ${SEED})`, {
  timeout: (SECONDS + 60) * 1000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAct, { minLength: 30, maxLength: 70, size: "max" }),
      async (acts) => {
        const world = await newWorld();
        for (const { name, act } of acts) {
          const said = await act(world).catch((error: unknown) => {
            throw new Error(`${name}: ${String(error)}`, { cause: error });
          });
          heard.add(said);
          await mustAgree(world);
        }
      },
    ),
    {
      numRuns: RUNS,
      seed: SEED,
      endOnFailure: process.env["FLASHLINE_SEED"] === undefined,
      interruptAfterTimeLimit: SECONDS * 1000,
    },
  );
  process.stderr.write(`grants model: ${made} orders, ${attempts} units told of\n`);

  expect(MUST_BE_MET.filter((word) => !heard.has(word))).toEqual([]);
  expect(await repairUsed(server.platform.db.sql)).toEqual([]);
});
