import { afterAll, beforeAll, expect, test } from "vitest";
import { LINK_FAILURE, lineOf } from "../jobs/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";
import { ABILITIES, goldenCheck } from "./testing.ts";

let server: TestServer;
let engineer: TestClient;
let station: SeededStation;
beforeAll(async () => {
  server = await startTestServer();
  engineer = await server.person("engineer");
  station = server.seed.station;
});
afterAll(() => server.close());

let made = 0;
async function golden(change: { cycles?: number; areas?: number } = {}): Promise<string> {
  made += 1;
  const serial = `GOLD-${made}`;
  const body = {
    serial,
    plant: "Graz",
    product: "PSU-40",
    version: "1.0.0",
    reason: "checked by Ines",
    ...change,
  };
  await engineer("addGolden", { body });
  return serial;
}
const preflight = async (serial: string, abilities = ABILITIES, nest = "A") =>
  (await server.station(station)("preflight", { body: { serial, nest, abilities } })).body;
const codeOf = async (serial: string, abilities = ABILITIES) => {
  const answer = await preflight(serial, abilities);
  return answer.go ? "go" : answer.code;
};
const target = (nest = "A") => ({ kind: "nest", station: station.name, nest }) as const;
const clear = (nest = "A") =>
  engineer("liftHold", { body: { target: target(nest), reason: "looked at it" } });
const rule = (body: {
  every?: "never" | "shift" | "hours";
  hours?: number;
  overdue?: "warn" | "block";
  reason: string;
}) => engineer("setGoldenRule", { params: { id: "Graz" }, body });

test("a golden unit's check is no job: no quota, no unit, no attempt, no yield", async () => {
  const serial = await golden();
  const { sql } = server.platform.db;
  const counts = async () =>
    await sql.query(
      `SELECT (SELECT count(*) FROM unit) AS units, (SELECT count(*) FROM job) AS jobs, (SELECT count(*) FROM attempt) AS attempts,
              (SELECT count(*) FROM station_quarter) AS quarters, (SELECT count(*) FROM yield_count) AS yields,
              (SELECT count(*) FROM host) AS hosts, (SELECT sum(used) FROM work_order) AS used, (SELECT count(*) FROM tally) AS tally`,
    );
  const before = await counts();
  expect(await preflight(serial)).toMatchObject({ go: true, golden: { left: 20_000, run: null } });
  const check = await goldenCheck(server, station, serial);
  expect(check.order).toMatchObject({ areas: 4, turn: 0, version: "1.0.0", run: null });
  await check.start();
  expect((await check.report()).body).toEqual({ state: "passed" });
  expect((await check.again()).status).toBe(200);
  expect(await refusal(check.report())).toBe("409 request.conflict");
  expect(await counts()).toEqual(before);
  expect(
    await refusal(
      server.station(station)("createJob", {
        body: { serial, nest: "A", jobId: check.checkId },
      }),
    ),
  ).toBe("409 golden.no_job");
});

test("an agent that does not know golden checks gets none", async () => {
  const serial = await golden();
  expect(await codeOf(serial, ["labels"])).toBe("golden.agent_cannot");
});

test("a failed check takes the nest out of use until somebody clears it", async () => {
  const serial = await golden();
  const check = await goldenCheck(server, station, serial);
  await check.start();
  expect((await check.report({ ...LINK_FAILURE })).body).toEqual({ state: "failed" });
  const setup = (await server.station(station)("setup", {})).body;
  const nest = setup.nests.find(({ name }) => name === "A");
  expect(nest).toMatchObject({ enabled: false, hold: { kind: "nest" } });
  expect(nest?.hold?.reason).toContain(serial);
  expect(await codeOf("SN1001")).toBe("preflight.nest_off");
  expect(await codeOf(serial)).toBe("preflight.nest_off");
  // Found again by the task: nothing is set twice.
  expect(await eventsOf(server.platform.db.sql, "nest.off")).toHaveLength(1);
  await clear();
  expect(await codeOf(serial)).toBe("go");
});

test("what says nothing about the nest stops nothing, and a PASS that erased nothing is none", async () => {
  const serial = await golden();
  for (const change of [
    { outcome: "FAIL", code: "attempt.interrupted", blame: "system" },
    { outcome: "FAIL", code: "attempt.unplugged", blame: "operator" },
    { touched: false, erasedSectors: 0 },
    { manifestSha256: "0".repeat(64) },
  ]) {
    const check = await goldenCheck(server, station, serial);
    await check.start();
    expect((await check.report(change)).body).toEqual({ state: "void" });
  }
  expect(await codeOf(serial)).toBe("go");
});

test("a server that dies between a failed check and its hold sets it later", async () => {
  const serial = await golden();
  const check = await goldenCheck(server, station, serial, { nest: "B" });
  await check.start();
  await check.report({ ...LINK_FAILURE });
  await clear("B");
  await server.platform.db.sql.execute("UPDATE golden_check SET holds = true WHERE id = $1", [
    check.checkId,
  ]);
  await eventually(
    async () => (await engineer("holds", { query: { kind: "nest" } })).body,
    (holds) => holds.some(({ name }) => name === `${station.name}/B`),
  );
  await clear("B");
});

test("cycles count before the erase, by sector, and the limit refuses", async () => {
  const serial = await golden({ cycles: 2, areas: 2 });
  const erase = async (address: number) => {
    const check = await goldenCheck(server, station, serial, { sectors: [address] });
    await check.start();
    // The answer was lost, and the agent asks again.
    await check.start();
    await check.report();
  };
  await erase(0x0800_0000);
  await erase(0x0800_4000);
  await erase(0x0800_0000);
  const check = await goldenCheck(server, station, serial, { sectors: [0x0800_0000] });
  expect(await refusal(check.start())).toBe("409 golden.worn_out");
  await erase(0x0800_4000);
  expect((await engineer("goldenUnit", { params: { serial } })).body).toMatchObject({
    worn: 2,
    cycles: 2,
    checks: 4,
    sectors: [
      { address: 0x0800_0000, cycles: 2 },
      { address: 0x0800_4000, cycles: 2 },
    ],
  });
  expect(await codeOf(serial)).toBe("golden.worn_out");
});

test("a nest is due by its plant's rule, and nothing else starts where the plant says so", async () => {
  const serial = await golden();
  expect(await codeOf("SN1002")).toBe("go");
  await rule({ every: "hours", hours: 8, reason: "agreed" });
  await server.platform.db.sql.execute("DELETE FROM golden_nest");
  expect(await codeOf("SN1002")).toBe("go");
  await rule({ overdue: "block", reason: "night shift" });
  expect(await codeOf("SN1002")).toBe("golden.due");
  const nests = (await server.station(station)("setup", {})).body.golden?.nests;
  expect(nests?.find(({ name }) => name === "A")).toMatchObject({ blocks: true });
  const check = await goldenCheck(server, station, serial);
  await check.start();
  await check.report();
  expect(await codeOf("SN1002")).toBe("go");
  const { body } = await engineer("goldenNests", { query: { station: station.name } });
  expect(body.map(({ nest, due }) => `${nest} ${due}`)).toContain("A false");
  expect(body.map(({ nest, due }) => `${nest} ${due}`)).toContain("B true");
  await rule({ every: "shift", reason: "each shift" });
  expect(await codeOf("SN1002")).toBe("go");
  await server.platform.db.sql.execute(
    "UPDATE golden_nest SET passed_at = now() - interval '25 hours'",
  );
  expect(await codeOf("SN1002")).toBe("golden.due");
  await rule({ every: "never", reason: "enough" });
  expect(await codeOf("SN1002")).toBe("go");
});

test("a golden run counts just its checks, at a quarantined host too, and ends with the nest off where some failed", async () => {
  const serial = await golden();
  await lineOf(server).flash("SN1100");
  const { body: hosts } = await engineer("hosts", {});
  const [host] = hosts.hosts;
  const id = host?.id ?? "";
  const asked = { serial, station: station.name, nest: "A", times: 3 };
  const { body: preview } = await engineer("previewGoldenRun", { query: asked });
  expect(preview).toMatchObject({ host: id, worn: 0, wornAfter: 1, possible: 20_000, waits: null });
  const held = { target: { kind: "host", host: id } as const, reason: "evidence" };
  await engineer("setHold", { body: held });
  const plan = { ...asked, setting: "behind a hub", reason: "does a hub help?" };
  const { body: run } = await engineer("planGoldenRun", { body: plan });
  expect(await refusal(engineer("planGoldenRun", { body: plan }))).toBe("409 request.conflict");
  const setup = (await server.station(station)("setup", {})).body;
  expect(setup.nests.find(({ name }) => name === "A")).toMatchObject({ enabled: true });
  expect(setup.nests.find(({ name }) => name === "A")?.hold?.kind).toBe("host");
  expect(await codeOf("SN1101")).toBe("preflight.host_quarantined");
  for (const change of [{}, { ...LINK_FAILURE }, {}]) {
    const check = await goldenCheck(server, station, serial, { run: run.id });
    expect(check.order.run?.id).toBe(run.id);
    await check.start();
    await check.report(change);
  }
  expect(await refusal(goldenCheck(server, station, serial, { run: run.id }))).toContain(
    "preflight.nest_off",
  );
  const { body } = await engineer("hostGolden", { params: { id } });
  expect(body.runs[0]).toMatchObject({ state: "done", made: 3, setting: "behind a hub" });
  expect(body.runs[0]?.figures.failed).toMatchObject({ count: 1, n: 3 });
  expect(body.runs[0]?.figures.failed.high).toBeGreaterThan(0.7);
  const { body: holds } = await engineer("holds", { query: { kind: "nest" } });
  expect(holds.map(({ reason }) => reason)).toEqual([
    `Golden run with ${serial}: 1 of 3 checks failed.`,
  ]);
  // What is counted of the host knows one unit.
  const { production } = await eventually(
    async () => (await engineer("hostGolden", { params: { id } })).body,
    ({ production }) => production !== null,
  );
  expect(production).toMatchObject({ n: 1 });
  await clear();
  await engineer("liftHold", { body: held });
});

test("a run that is stopped starts nothing more, on every replica", async () => {
  const other = await startTestServer({ replicaOf: server });
  const serial = await golden();
  const asked = { serial, station: station.name, nest: "B", times: 5, reason: "in doubt" };
  const { body: run } = await engineer("planGoldenRun", { body: asked });
  const check = await goldenCheck(other, station, serial, { nest: "B", run: run.id });
  await engineer("stopGoldenRun", { params: { id: run.id }, body: { reason: "line needs it" } });
  expect(await refusal(check.start())).toBe("409 golden.run_over");
  expect(await refusal(goldenCheck(other, station, serial, { nest: "B", run: run.id }))).toBe(
    "409 golden.run_over",
  );
  await other.close();
});

test("who may what: an operator's lead reads, an engineer registers and plans", async () => {
  const lead = await server.person("operator-lead");
  const body = {
    serial: "GOLD-X",
    plant: "Graz",
    product: "PSU-40",
    version: "1.0.0",
    reason: "mine",
  };
  expect(await refusal(lead("addGolden", { body }))).toBe("403 auth.forbidden");
  expect((await lead("goldenUnits", { query: {} })).body.length).toBeGreaterThan(0);
  const first = await engineer("addGolden", { body });
  expect([first.status, (await engineer("addGolden", { body })).status]).toEqual([201, 200]);
  expect(await refusal(engineer("addGolden", { body: { ...body, cycles: 7 } }))).toBe(
    "409 request.conflict",
  );
  await engineer("addUnits", { body: { product: "PSU-40", serials: ["SN1900"] } });
  expect(await refusal(engineer("addGolden", { body: { ...body, serial: "SN1900" } }))).toBe(
    "409 request.conflict",
  );
  await engineer("retireGolden", { params: { serial: "GOLD-X" }, body: { reason: "lost" } });
  await engineer("retireGolden", { params: { serial: "GOLD-X" }, body: { reason: "lost" } });
  expect(await eventsOf(server.platform.db.sql, "golden.retired")).toHaveLength(1);
  expect(await codeOf("GOLD-X")).toBe("golden.retired");
});
