import { randomUUID } from "node:crypto";
import type { YieldQuery, YieldView } from "@flashline/contract";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf } from "../jobs/testing.ts";
import { randomFrom } from "../testing/random.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

/** One attempt of the plant below, with what the figures need. */
interface Try {
  readonly id: string;
  readonly unit: number;
  readonly step: string;
  readonly at: number;
  readonly outcome: "PASS" | "FAIL" | null;
  readonly code: string | null;
  readonly blame: string | null;
  readonly host: string;
  readonly virtual: boolean;
  readonly contradictions: readonly string[];
  readonly ms: number;
}

const DAY_MS = 86_400_000;
const NOON = Date.parse("2026-11-20T12:00:00Z");
const UNITS = 90;

let server: TestServer;
let client: pg.Client;
let call: TestClient;
let tries: readonly Try[];
/** A host that the verdict holds for bad from NOON on, one that is well, and one with virtual units. */
const [BAD, WELL, SIM] = [randomUUID(), randomUUID(), randomUUID()];
const SECOND = randomUUID();
/** Repaired two minutes after its first try. */
const REPAIRED = 3;

beforeAll(async () => {
  server = await startTestServer();
  call = await server.person("engineer");
  await lineOf(server).flash("SN1001");
  client = new pg.Client({ connectionString: server.database.url });
  await client.connect();
  tries = madeTries();
  await fill();
});
afterAll(async () => {
  await client.end();
  await server.close();
});

const counts = ({ outcome, code, contradictions }: Try): boolean =>
  outcome !== null && code !== "attempt.cancelled" && contradictions.length === 0;

function madeTries(): readonly Try[] {
  const random = randomFrom(11);
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  return Array.from({ length: UNITS }, (_, unit) => {
    const isVirtual = unit % 10 === 0;
    const began = NOON + Math.floor((random() - 0.5) * 4 * DAY_MS);
    return [server.seed.stepId, SECOND].flatMap((step, at) =>
      Array.from({ length: unit === REPAIRED ? 2 : pick(1, 1, 1, 2, 3, 4) }, (__, n): Try => {
        const isPass = unit === REPAIRED ? n === 1 : random() < 0.7;
        const isTold = unit === REPAIRED || random() < 0.95;
        return {
          id: randomUUID(),
          unit,
          step,
          at: began + at * 3_600_000 + n * 240_000,
          outcome: isTold ? (isPass ? "PASS" : "FAIL") : null,
          code: isPass ? null : pick("link.budget", "protection.read", "attempt.cancelled"),
          blame: isPass ? null : pick("host", "unit"),
          host: isVirtual ? SIM : pick(BAD, WELL),
          virtual: isVirtual,
          contradictions: random() < 0.03 ? ["manifest"] : [],
          ms: Math.round(1000 + random() * 9000),
        };
      }),
    );
  }).flat();
}

/** Copies of the one attempt, job, unit and host, told as those that were made up. */
async function fill(): Promise<void> {
  const firsts = new Set(
    tries.filter(counts).flatMap((one) => {
      const [first] = of(one.unit, one.step);
      return first === undefined ? [] : [first.id];
    }),
  );
  const rows = tries.map((one) => ({
    id: one.id,
    job_id: randomUUID(),
    unit_id: unitId(one.unit),
    step_id: one.step,
    host_id: one.host,
    outcome: one.outcome,
    code: one.code,
    blame: one.blame,
    contradictions: one.contradictions,
    virtual: one.virtual,
    duration_ms: one.ms,
    accepted_at: new Date(one.at),
    link_incident: one.blame === "host",
    received_at: one.outcome === null ? null : new Date(one.at + 60_000),
    first: firsts.has(one.id),
    serial: `SN2${String(one.unit).padStart(3, "0")}`,
  }));
  const json = [JSON.stringify(rows)];
  await client.query("SET session_replication_role = replica");
  await client.query(
    "INSERT INTO process_step (id, product_id, name, position) VALUES ($1, $2, 'test', 2)",
    [SECOND, server.seed.productId],
  );
  for (const [id, controller] of [
    [BAD, "1022:15b8"],
    [WELL, "8086:a36d"],
    [SIM, ""],
  ]) {
    await client.query(
      `INSERT INTO host SELECT (jsonb_populate_record(h, jsonb_build_object('id', $1::text, 'key', $1::text, 'controller', $2::text))).*
         FROM host h WHERE id NOT IN (SELECT id FROM host WHERE key = id::text)`,
      [id, controller],
    );
  }
  await client.query(
    "CREATE TEMP TABLE told AS SELECT r AS one FROM jsonb_array_elements($1::jsonb) r",
    json,
  );
  await client.query(`
INSERT INTO unit SELECT DISTINCT ON (1) (jsonb_populate_record(u, jsonb_build_object('id', t.one ->> 'unit_id', 'serial', t.one ->> 'serial'))).*
  FROM unit u, told t WHERE u.serial = 'SN1001';
INSERT INTO job SELECT (jsonb_populate_record(j, jsonb_build_object('id', t.one ->> 'job_id', 'unit_id', t.one ->> 'unit_id'))).* FROM job j, told t;
INSERT INTO unit_state (unit_id, serial, state) SELECT id, serial, 'passed' FROM unit u WHERE serial LIKE 'SN2%';
INSERT INTO attempt SELECT (jsonb_populate_record(a, t.one || '{"body_sha256": null}')).* FROM attempt a, told t`);
  await client.query("SET session_replication_role = origin");
  await client.query(
    `INSERT INTO verdict_step (id, population, level, name, from_rung, to_rung, at, evidence)
     VALUES (gen_random_uuid(), 'p', 'controller', $1, 'WATCH', 'SUSPECT', $2, '{}')`,
    [BAD, new Date(NOON)],
  );
  await client.query(
    "INSERT INTO rework (id, unit_id, kind, what, done_by, at) VALUES (gen_random_uuid(), $1, 'repair', 'cable', 'lead', $2)",
    [unitId(REPAIRED), new Date((of(REPAIRED, server.seed.stepId)[0]?.at ?? 0) + 120_000)],
  );
}

const unitId = (unit: number) => `00000000-0000-4000-8000-${String(unit).padStart(12, "0")}`;
/** A unit's tries at a step that count, the earliest first. */
const of = (unit: number, step: string) =>
  tries
    .filter((one) => one.unit === unit && one.step === step && counts(one))
    .sort((a, b) => a.at - b.at);

/** The figures counted once more, one unit after the other. */
function recounted(isIn: (one: Try) => boolean) {
  const chosen = tries.filter((one) => counts(one) && isIn(one));
  const cohort = chosen.filter((one) => of(one.unit, one.step)[0] === one);
  const all = (one: Try) => of(one.unit, one.step);
  const passedBy = (most: number) => (one: Try) =>
    all(one)
      .slice(0, most)
      .some(({ outcome }) => outcome === "PASS");
  const failed = cohort.filter(({ outcome }) => outcome === "FAIL");
  const share = (of_: readonly Try[], is: (one: Try) => boolean) => ({
    count: of_.filter(is).length,
    n: of_.length,
  });
  const isPass = ({ outcome }: Try) => outcome === "PASS";
  const byHost = failed.filter(({ blame, host }) => blame === "host" && host === BAD);
  return {
    firstPass: share(cohort, isPass),
    productFirstPass: { count: cohort.filter(isPass).length, n: cohort.length - byHost.length },
    secondPass: share(cohort, passedBy(2)),
    thirdPass: share(cohort, passedBy(3)),
    finalYield: share(cohort, (one) => all(one).at(-1)?.outcome === "PASS"),
    retested: share(cohort, (one) => all(one).length > 1),
    noTroubleFound: share(failed, (one) => one.unit !== REPAIRED && all(one).some(isPass)),
    attemptYield: share(chosen, isPass),
    linkIncidents: share(chosen, ({ blame }) => blame === "host"),
  };
}

const FROM = new Date(NOON - DAY_MS).toISOString();
const TO = new Date(NOON + DAY_MS).toISOString();
const WINDOW = { from: FROM, to: TO };
const inWindow = ({ at }: Try) => at >= Date.parse(FROM) && at < Date.parse(TO);
const isFlash = ({ step }: Try) => step === server.seed.stepId;
const yieldOf = async (query: YieldQuery): Promise<YieldView> =>
  (await call("yield", { query })).body;

describe("figures are those of a plain count", () => {
  it.each([
    ["of the real units at the first step", {}, (one: Try) => !one.virtual && isFlash(one)],
    ["of virtual units apart", { virtual: "true" }, (one: Try) => one.virtual && isFlash(one)],
    ["of the second step", { step: "test" }, (one: Try) => !one.virtual && !isFlash(one)],
    [
      "of a controller model",
      { model: "1022:15b8" },
      (one: Try) => one.host === BAD && isFlash(one),
    ],
    ["of a host", { host: WELL }, (one: Try) => one.host === WELL && isFlash(one)],
    [
      "of what failed with a code",
      { code: "protection.read" },
      (one: Try) => !one.virtual && isFlash(one) && one.code === "protection.read",
    ],
  ] as const)("%s", async (_name, query, isIn) => {
    const view = await yieldOf({ ...WINDOW, ...query });
    const expected = recounted((one) => inWindow(one) && isIn(one));
    expect(view).toMatchObject(expected);
    expect(expected.firstPass.n).toBeGreaterThan(0);
    const sum = view.buckets.reduce((n, { firstPass }) => n + firstPass.n, 0);
    expect(sum).toBe(view.firstPass.n);
  });

  it("of virtual units where there are no others, and says how many attempts were left out", async () => {
    const only = await yieldOf({ ...WINDOW, host: SIM });
    expect(only).toMatchObject({ virtual: true, leftOut: 0 });
    const real = await yieldOf(WINDOW);
    const virtual = tries.filter((one) => counts(one) && inWindow(one) && one.virtual);
    expect(real).toMatchObject({ virtual: false, leftOut: virtual.length });
  });
});

it("n is how many rows the lists behind it have", async () => {
  const view = await yieldOf({ ...WINDOW, step: "flash" });
  const rows = async (list: string, only: string) => {
    const asked = new URLSearchParams({ ...WINDOW, step: "flash", virtual: "false", only });
    const authorization = `Bearer ${await server.tokenSecret("read")}`;
    const url = `/v1/${list}.csv?${asked}`;
    const { payload } = await server.app.inject({ method: "GET", url, headers: { authorization } });
    return payload.trim().split("\n").length - 1;
  };
  expect(await rows("units", "first")).toBe(view.firstPass.n);
  expect(await rows("attempts", "counted")).toBe(view.attemptYield.n);
  // The product's gap to the line.
  const gap = view.firstPass.n - view.productFirstPass.n;
  expect(gap).toBeGreaterThan(0);
  expect(await rows("attempts", "by-host")).toBe(gap);
});

it("groups add up to the whole, and each is what its own parameters choose", async () => {
  const whole = await yieldOf(WINDOW);
  for (const by of [
    "host",
    "model",
    "station",
    "line",
    "nest",
    "product",
    "release",
    "order",
    "batch",
  ] as const) {
    const groups = (await yieldOf({ ...WINDOW, by })).groups ?? [];
    expect(
      groups.reduce((n, { firstPass }) => n + firstPass.n, 0),
      by,
    ).toBe(whole.firstPass.n);
    const [most] = groups;
    if (most?.filter == null) continue;
    const alone = await yieldOf({ ...WINDOW, ...most.filter });
    for (const figure of ["firstPass", "productFirstPass", "finalYield", "attemptYield"] as const)
      expect(alone[figure], `${by} ${figure}`).toEqual(most[figure]);
  }
});

it("never adds up steps: each has its yields, and their product rolls over the route", async () => {
  const view = await yieldOf({ ...WINDOW, by: "step" });
  const [flash, test] = ["flash", "test"].map((step) =>
    view.steps?.find((one) => one.step === step),
  );
  expect(flash?.firstPass).toEqual(view.firstPass);
  expect(test?.firstPass).toEqual((await yieldOf({ ...WINDOW, step: "test" })).firstPass);
  const rolled = view.rolled?.[0];
  expect(rolled).toMatchObject({ product: "PSU-40", steps: 2 });
  expect(rolled?.share).toBeCloseTo((flash?.firstPass.share ?? 0) * (test?.firstPass.share ?? 0));
  expect(view.groups?.map(({ name }) => name).sort()).toEqual(["PSU-40 flash", "PSU-40 test"]);
});

it("is compared with the time before it host by host, with an interval", async () => {
  const view = await yieldOf({ ...WINDOW, against: "before" });
  const before = await yieldOf({ from: new Date(NOON - 3 * DAY_MS).toISOString(), to: FROM });
  expect(view.comparison).toMatchObject({
    from: before.from,
    to: FROM,
    release: null,
    firstPass: before.firstPass,
    productFirstPass: before.productFirstPass,
  });
  const { difference } = view.comparison ?? {};
  expect(difference).toMatchObject({ strata: 2, n: view.firstPass.n, nBefore: before.firstPass.n });
  expect(difference?.low).toBeLessThan(difference?.value ?? -1);
  expect(difference?.high).toBeGreaterThan(difference?.value ?? 1);
  const week = await yieldOf({ ...WINDOW, against: "week-before" });
  expect(week.comparison?.difference).toMatchObject({ value: null, low: -1, high: 1, strata: 0 });
});

it("tells times as a whole and by phase, and a long window by the day and by the week", async () => {
  const view = await yieldOf({ ...WINDOW, phases: "true" });
  expect(view.times).toMatchObject({ n: view.attemptYield.n, p50: view.medianMs, p95: view.p95Ms });
  expect(view.phases?.map(({ phase, p50 }) => [phase, p50])).toEqual([
    ["erase", 400],
    ["verify", 334.5],
    ["write", 500],
  ]);
  const days = await yieldOf({
    from: "2026-10-20T00:00:00+02:00",
    to: "2026-11-21T00:00:00+01:00",
  });
  expect(days.buckets).toHaveLength(32);
  // The day on which the clock is put back is longer.
  expect(days.buckets[5]).toMatchObject({
    label: "2026-10-25",
    from: "2026-10-24T22:00:00.000Z",
    to: "2026-10-25T23:00:00.000Z",
  });
  const weeks = await yieldOf({
    from: "2026-01-01T00:00:00+01:00",
    to: "2026-12-31T00:00:00+01:00",
  });
  expect(weeks.buckets).toHaveLength(52);
  expect(weeks.firstPass.n).toBeGreaterThan(view.firstPass.n);
});

it.each([
  [{ to: TO }, "request.invalid"],
  [{ from: TO, to: FROM }, "request.invalid"],
  [{ from: "1990-01-01T00:00:00Z" }, "request.invalid"],
  [{ against: "release-before", release: "1.0.0" }, "request.invalid"],
  [{ against: "release-before", release: "1.0.0", product: "PSU-40" }, "request.not_found"],
  [{ station: "L9" }, "request.not_found"],
] as const)("refuses %j", async (query, code) => {
  await expect(call("yield", { query })).rejects.toMatchObject({ refusal: { code } });
});
