import type { UnitState } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LINK_FAILURE, lineOf, resultOf, stateOf } from "../jobs/testing.ts";
import { onOneDay } from "../testing/midnight.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
  const line = lineOf(server);
  await line.flash("SN7001");
  await line.flash("SN7002", LINK_FAILURE);
  await line.flash("SN7002");
  const figures = { transfers: 61 };
  await line.flash("SN7003", {
    outcome: "FAIL",
    code: "protection.read",
    blame: "unit",
    ...figures,
  });
  await line.flash("SN7004", { outcome: "FAIL", code: "attempt.cancelled", touched: false });
});
afterAll(() => server.close());

describe("yield", () => {
  it("counts the first try of a unit, and what a host is blamed for only where the verdict holds it for bad", async () => {
    const call = await server.person("engineer");
    const { body } = await call("yield", {});
    expect(body.firstPass).toMatchObject({ count: 1, n: 3 });
    expect(body.productFirstPass).toMatchObject({ count: 1, n: 3 });
    expect(body.finalYield).toMatchObject({ count: 2, n: 3 });
    expect(body.attemptYield).toMatchObject({ count: 2, n: 4 });
    expect(body.linkIncidents).toMatchObject({ count: 1, n: 4 });
    expect(body).toMatchObject({ unitsPassed: 2, unknownJobs: 0, medianMs: 1234.5, p95Ms: 1234.5 });
    expect(body.firstPass.low).toBeGreaterThan(0.05);
    expect(body.firstPass.high).toBeLessThan(0.8);
    expect(body.pareto).toEqual([
      expect.objectContaining({ code: "link.budget", blame: "host", units: 1 }),
      expect.objectContaining({ code: "protection.read", blame: "unit", units: 1 }),
    ]);
    await expect(call("yield", { query: { product: "FAN-2" } })).rejects.toMatchObject({
      refusal: { code: "request.not_found", message: "There is no product FAN-2." },
    });
  });

  it("tells the plant's own day, hour by hour", async () => {
    const { sql } = server.platform.db;
    const call = await server.person("engineer");
    const { body } = await call("yield", {});
    expect(body.timeZone).toBe("Europe/Vienna");
    const hours = (Date.parse(body.to) - Date.parse(body.from)) / 3_600_000;
    expect(body.buckets).toHaveLength(hours);
    expect(body.buckets[0]).toMatchObject({ label: "00:00", from: body.from });
    expect(body.buckets.reduce((sum, { firstPass }) => sum + firstPass.n, 0)).toBe(3);
    // Midnight in Kiritimati is ten in the morning of the day before in UTC.
    await sql.execute("UPDATE plant SET time_zone = 'Pacific/Kiritimati'");
    const there = await call("yield", {});
    expect(new Date(there.body.from).getUTCHours()).toBe(10);
    await sql.execute("UPDATE plant SET time_zone = 'Europe/Vienna'");
  });

  it("gives each of several plants its own day, and none the first one's by name", async () => {
    const { sql } = server.platform.db;
    const call = await server.person("engineer");
    const here = (await call("yield", {})).body;
    expect(here.firstPass.n).toBe(3);
    await sql.execute(
      "INSERT INTO plant (id, name, time_zone) VALUES (gen_random_uuid(), 'Aachen', 'Pacific/Kiritimati')",
    );
    const together = (await call("yield", {})).body;
    expect(together).toMatchObject({ plant: null, timeZone: "UTC" });
    expect(new Date(together.from).getUTCHours()).toBe(0);
    const graz = (await call("yield", { query: { plant: here.plant ?? "" } })).body;
    expect(graz).toMatchObject({ plant: here.plant, timeZone: "Europe/Vienna", from: here.from });
    expect(graz.firstPass.n).toBe(3);
    const aachen = (await call("yield", { query: { plant: "Aachen" } })).body;
    expect(new Date(aachen.from).getUTCHours()).toBe(10);
    expect(aachen.firstPass.n).toBe(0);
    await expect(call("yield", { query: { plant: "Nowhere" } })).rejects.toMatchObject({
      refusal: { code: "request.not_found" },
    });
    await sql.execute("DELETE FROM plant WHERE name = 'Aachen'");
  });
});

describe("attempts and units", () => {
  it("lists attempts, the latest first, by outcome and station", async () => {
    const call = await server.token("read");
    const all = (await call("attempts", {})).body;
    expect(all.map(({ serial }) => serial)).toEqual([
      "SN7004",
      "SN7003",
      "SN7002",
      "SN7002",
      "SN7001",
    ]);
    const failed = (await call("attempts", { query: { outcome: "FAIL", limit: 2 } })).body;
    expect(failed.map(({ code }) => code)).toEqual(["attempt.cancelled", "protection.read"]);
    expect(failed[1]).toMatchObject({ host: "L3-01", station: "L3-01", blame: "unit", nest: "A" });
    await expect(call("attempts", { query: { station: "L9" } })).rejects.toMatchObject({
      refusal: { code: "request.not_found", message: "There is no station L9." },
    });
    const one = (await call("attempt", { params: { id: failed[1]?.id ?? "" } })).body;
    expect(one).toMatchObject({
      controller: "Intel 8086:a36d",
      portPath: "1-1",
      chip: "STM32F407",
    });
    expect(one.phaseMs).toEqual({ erase: 400, write: 500, verify: 334.5 });
    // A figure that the agent told without a column for it, and one that an older agent does not know.
    expect(one).toMatchObject({
      bytes: 8192,
      skippedSectors: 0,
      transfers: 61,
      erasedRemainder: null,
    });
  });

  it("finds units and shows all that happened to one", async () => {
    const call = await server.person("operator-lead");
    const found = (await call("units", { query: { search: "sn700" } })).body;
    expect(found.map(({ serial, state }) => [serial, state])).toEqual([
      ["SN7003", "failed"],
      ["SN7002", "passed"],
      ["SN7001", "passed"],
      ["SN7004", "new"],
    ]);
    const passed = (await call("units", { query: { state: "passed" } })).body;
    expect(passed.map(({ serial }) => serial)).toEqual(["SN7002", "SN7001"]);
    const { body } = await call("unit", { params: { id: passed[0]?.id ?? "" } });
    expect(body.history.map(({ outcome }) => outcome)).toEqual(["PASS", "FAIL"]);
    expect(body.jobs.map(({ state }) => state)).toEqual(["PASSED", "FAILED"]);
    expect(body.attempts).toBe(2);
  });
});

describe("hosts", () => {
  it("names the host with the bad controller, its evidence and what to do", async () => {
    const bad = await server.addStation("L3-07", 1);
    const good = await server.addStation("L3-08", 1);
    for (let i = 0; i < 24; i += 1) {
      const recovered = { linkIncident: true, incidents: LINK_FAILURE.incidents };
      await lineOf(server, bad).flash(`SN71${10 + i}`, i % 2 === 0 ? recovered : {});
      const place = { vendorDevice: "1022:15b8", hub: true };
      await lineOf(server, good).flash(`SN72${10 + i}`, {}, "A", place);
    }
    const call = await server.person("engineer");
    const read = async () => {
      const { body } = await call("hosts", {});
      return body.hosts.find(({ name }) => name === "L3-07");
    };
    await expect.poll(async () => (await read())?.verdict, { timeout: 15_000 }).toBe("SUSPECT");
    await expect.poll(async () => (await read())?.units, { timeout: 15_000 }).toBe(24);
    const found = await read();
    expect(found).toMatchObject({
      station: "L3-07",
      controllerName: "Intel 8086:a36d",
      linkIncidents: { count: 12, n: 24 },
      sentence: { key: "odd" },
      blame: { level: "controller" },
    });
    expect(found?.r).toBeGreaterThan(1e5);
    expect(found?.evidence).toMatch(/ lost the link here since .* A healthy host looks this bad/);
    expect(found?.advice[0]).toMatch(/^Put a USB 2\.0 hub in between/);
    expect(found?.steps[0]).toMatchObject({ key: "hub", someHaveOne: false });
    // Counted after the hosts.
    await expect
      .poll(async () => (await call("hosts", {})).body.byController, { timeout: 15_000 })
      .toContainEqual(
        expect.objectContaining({
          controllerName: "AMD 1022:15b8",
          behindHub: true,
          profile: "standard",
        }),
      );
    const { body } = await call("hosts", {});
    expect(body.hosts.find(({ name }) => name === "L3-08")).toMatchObject({
      rung: "OK",
      advice: [],
      hubs: ["05e3:0608"],
    });

    // The same boards through a hub on the same controller model, at a third host: none lost the link.
    const hubbed = await server.addStation("L3-09", 1);
    for (let i = 0; i < 24; i += 1)
      await lineOf(server, hubbed).flash(`SN76${10 + i}`, {}, "A", { hub: true });
    const advice = async () => (await read())?.steps[0];
    await expect
      .poll(advice, { timeout: 20_000 })
      .toMatchObject({ key: "hub", measured: { with: { count: 0, n: 24 } } });
    expect((await read())?.advice[0]).toContain("It worked here: ");

    // A person's quarantine is not taken back by the method, and closes the host at once.
    const target = { kind: "host", host: found?.id ?? "" } as const;
    await call("setHold", { body: { target, reason: "loses the link" } });
    expect(await read()).toMatchObject({
      verdict: "QUARANTINED",
      hold: { reason: "loses the link", setBy: "test-engineer", origin: "person" },
    });
    const { body: answer } = await lineOf(server, bad).call("preflight", {
      body: { serial: "SN7302", nest: "A" },
    });
    expect(answer).toMatchObject({ go: false, code: "preflight.host_quarantined", blame: "host" });
  });

  it("gives a machine with two controllers two hosts", async () => {
    const call = await server.person("engineer");
    const line = lineOf(server);
    await line.flash("SN7401", {}, "B", { pciAddress: "0000:03:00.0", vendorDevice: "1b21:3042" });
    const { body } = await call("hosts", {});
    expect(body.hosts.find(({ controller }) => controller === "1b21:3042")).toMatchObject({
      verdict: "NOT_ENOUGH_DATA",
      rung: null,
      sentence: { key: "few", units: 0 },
      evidence: "No unit of it could be compared with those of other hosts yet.",
    });
    const names = body.hosts.filter(({ station }) => station === "L3-01").map(({ name }) => name);
    expect(names).toEqual(["L3-01 · 0000:00:14.0", "L3-01 · 0000:03:00.0"]);
  });
});

it("a host whose machine is no single station's has the station of its attempts", async () => {
  const { sql } = server.platform.db;
  const call = await server.person("engineer");
  const stationOf = async (host: string) => {
    const { body } = await call("hosts", {});
    return body.hosts.find(({ id }) => id === host)?.station;
  };
  const { body } = await call("hosts", {});
  const host = body.hosts.find(({ station }) => station === "L3-07")?.id ?? "";
  const machine = "SELECT machine FROM station WHERE name = 'L3-07'";
  await sql.execute(`UPDATE station SET machine = (${machine}) WHERE name = 'L3-08'`, []);
  expect(await stationOf(host)).toBe("L3-07");
  await sql.execute("UPDATE station SET machine = NULL WHERE name IN ('L3-07', 'L3-08')", []);
  expect(await stationOf(host)).toBe("L3-07");
});

it("an unreported attempt is not in the figures", async () => {
  const call = await server.person("engineer");
  const before = (await call("yield", {})).body.attemptYield.n;
  const line = lineOf(server);
  const attempt = await line.start(await line.lease("SN7501", "C"));
  expect((await call("yield", {})).body.attemptYield.n).toBe(before);
  await line.report(attempt, resultOf(attempt));
  expect((await call("yield", {})).body.attemptYield.n).toBe(before + 1);
});

it("a host's expected share is of lost links alone, also where units were taken out of their nests", async () => {
  const { sql } = server.platform.db;
  const call = await server.person("engineer");
  const lesson = (population: string, c: number) =>
    sql.execute(
      `INSERT INTO verdict_lesson (level, name, population, number, at, n, y, m, c, r, d, rung)
       SELECT 'controller', id, $1, 900, now(), 10, 0, 20, $2, 1, 1, 'OK' FROM host`,
      [population, c],
    );
  const expected = async () => {
    await sql.execute("UPDATE host SET counted = NULL");
    return (await call("hosts", {})).body.hosts.map((host) => host.expected);
  };
  await lesson("plant", 4);
  const before = await expected();
  await lesson("plant taken-out", 0);
  expect(before).not.toContain(null);
  expect(await expected()).toEqual(before);
  await sql.execute("DELETE FROM verdict_lesson WHERE number = 900");
});

it("a unit whose last attempt failed before the first erase shows as failed, with the attempt's code", async () => {
  const call = await server.person("engineer");
  const line = lineOf(server);
  const find = async (query: { search: string; state?: UnitState }) =>
    (await call("units", { query })).body;
  const failedOfOrder = async () => (await call("workOrders", {})).body[0]?.failed;
  const before = (await failedOfOrder()) ?? 0;
  const refused = { outcome: "FAIL", code: "protection.read", blame: "unit", touched: false };
  const { attemptId, job } = await line.flash("SN7601", refused, "D");
  expect(await stateOf(server, job.jobId)).toBe("CANCELLED");
  const last = { attemptId, outcome: "FAIL", code: "protection.read", blame: "unit" };
  expect(await find({ search: "SN7601", state: "failed" })).toMatchObject([
    { state: "failed", attempts: 1, last },
  ]);
  expect(await find({ search: "SN7601", state: "new" })).toEqual([]);
  expect(await failedOfOrder()).toBe(before + 1);

  // The next try is what counts then, also while it runs.
  const next = await line.start(await line.lease("SN7601", "D"));
  expect(await find({ search: "SN7601" })).toMatchObject([{ state: "in work", last }]);
  await line.report(next, resultOf(next));
  expect(await find({ search: "SN7601" })).toMatchObject([
    { state: "passed", last: { attemptId: next.attemptId, outcome: "PASS", code: null } },
  ]);

  // What an operator called off says nothing of the unit, but it is told.
  await line.flash("SN7602", { outcome: "FAIL", code: "attempt.cancelled", touched: false }, "D");
  expect(await find({ search: "SN7602" })).toMatchObject([
    { state: "new", last: { outcome: "FAIL", code: "attempt.cancelled" } },
  ]);
  await line.order("SN7603", "D");
  expect(await find({ search: "SN7603" })).toMatchObject([{ state: "in work", last: null }]);
});
