import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eraseName } from "../audit/erase.ts";
import { newId } from "../ids.ts";
import { codeOf, fingerprint, lineOf, resultOf } from "../jobs/testing.ts";
import { BY, eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import { startTestServer, type TestClient, type TestServer } from "../testing/server.ts";

let server: TestServer;
let engineer: TestClient;
const people = new Map<string, string>();
beforeAll(async () => {
  server = await startTestServer();
  const admin = await server.person("admin");
  engineer = await server.person("engineer");
  await admin("addPlant", { body: { name: "Brno", timeZone: "Europe/Prague" } });
  for (const [name, plant] of [
    ["olaf", "Graz"],
    ["otto", "Graz"],
    ["petr", "Brno"],
    ["gone", "Graz"],
  ] as const) {
    const { body } = await admin("addPerson", { body: { name, role: "operator", plant } });
    people.set(name, body.id);
  }
  await admin("disablePerson", { params: { id: "gone" }, body: { reason: "left" } });
});
afterAll(() => server.close());

const idOf = (name: string): string => people.get(name) ?? expect.fail(`nobody is called ${name}`);
let made = 0;
async function newLine() {
  made += 1;
  const station = await server.addStation(`O-${made}`, 1);
  const line = lineOf(server, station);
  /** Orders, starts and reports a unit as an agent does that names these people. */
  async function flash(serial: string, at: { start?: string | null; result?: unknown }) {
    const job = await line.lease(serial);
    const attemptId = newId();
    const { start, result } = at;
    const host = fingerprint(station, job.nest);
    const body = { epoch: job.epoch, attemptId, host, virtual: false };
    const named = start === undefined ? {} : { operator: start };
    await line.call("start", { params: { id: job.jobId }, body: { ...body, ...named } });
    const told = result === undefined ? {} : { operator: result };
    await line.report({ job, attemptId, host }, resultOf({ job, attemptId, host }, told));
    return attemptId;
  }
  const set = (rules: object) =>
    engineer("setStationOperators", {
      params: { id: station.name },
      body: { ...rules, reason: "for the test" },
    });
  const preflight = async (serial: string, operator?: string | null) => {
    const told = operator === undefined ? {} : { operator };
    const { body } = await line.call("preflight", { body: { serial, nest: "A", ...told } });
    return body.go ? "go" : body;
  };
  return { station, line, flash, set, preflight };
}

test("a plant says how people work, a station where it differs, and both stay until somebody says otherwise", async () => {
  const { station, line, set } = await newLine();
  const setup = async () => (await line.call("setup", {})).body.operators;
  const standard = { badgePrefix: "FL-BADGE-", required: false, idleMinutes: 0, shiftEnd: true };
  expect(await setup()).toEqual({ ...standard, shifts: [] });
  const params = { id: "Graz" };
  const body = { badgePrefix: "P-", idleMinutes: 20, reason: "audit" };
  await engineer("setPlantOperators", { params, body });
  await engineer("setPlantOperators", { params, body });
  expect(await setup()).toMatchObject({ badgePrefix: "P-", required: false, idleMinutes: 20 });
  await set({ required: true, idleMinutes: 0 });
  expect(await setup()).toMatchObject({ badgePrefix: "P-", required: true, idleMinutes: 0 });
  const { body: shown } = await engineer("stationOperators", { params: { id: station.name } });
  const own = { badgePrefix: null, required: true, idleMinutes: 0, shiftEnd: null };
  expect(shown.own).toEqual(own);
  await set({ required: null, idleMinutes: null });
  expect(await setup()).toMatchObject({ required: false, idleMinutes: 20 });
  await engineer("setPlantOperators", { params, body: { ...standard, reason: "as it was" } });
  const { body: plants } = await engineer("plants", {});
  expect(plants.find(({ name }) => name === "Graz")?.operators).toEqual(standard);

  const events = await eventsOf(server.platform.db.sql, "plant.operators-set");
  expect(events.map(({ before, after }) => ({ before, after }))).toEqual([
    {
      before: { badgePrefix: "FL-BADGE-", idleMinutes: 0 },
      after: { badgePrefix: "P-", idleMinutes: 20 },
    },
    {
      before: { badgePrefix: "P-", idleMinutes: 20 },
      after: { badgePrefix: "FL-BADGE-", idleMinutes: 0 },
    },
  ]);
  const lead = await server.person("operator-lead");
  expect(await refusal(lead("setPlantOperators", { params, body }))).toBe("403 auth.forbidden");
  const nowhere = { params: { id: "Linz" }, body };
  expect(await refusal(engineer("setPlantOperators", nowhere))).toBe("404 request.not_found");
  const blank = { params, body: { badgePrefix: "P 1", reason: "audit" } };
  expect(await refusal(engineer("setPlantOperators", blank))).toBe("400 request.invalid");
});

test("where nobody may start without a badge the server refuses at scan, order and start, also an agent that knows none", async () => {
  const { line, station, set, preflight } = await newLine();
  const early = await line.lease("SN8101");
  await set({ required: true });
  for (const [operator, code] of [
    [undefined, "operator.missing"],
    [null, "operator.missing"],
    [idOf("petr"), "operator.unknown"],
    [idOf("gone"), "operator.unknown"],
    [newId(), "operator.unknown"],
  ] as const) {
    expect(await preflight("SN8102", operator), String(operator)).toMatchObject({ code });
    const told = operator === undefined ? {} : { operator };
    const order = { jobId: newId(), serial: "SN8102", nest: "A", ...told };
    expect(await codeOf(line.call("createJob", { body: order }))).toBe(code);
    const body = {
      epoch: early.epoch,
      attemptId: newId(),
      virtual: false,
      ...told,
      host: fingerprint(station, "A"),
    };
    const start = line.call("start", { params: { id: early.jobId }, body });
    expect(await codeOf(start), String(operator)).toBe(code);
  }
  const action = "Scan your badge. Then press START.";
  expect(await preflight("SN8102", null)).toMatchObject({ action, blame: "operator" });
  const body = {
    epoch: early.epoch,
    attemptId: newId(),
    virtual: false,
    operator: idOf("olaf"),
    host: fingerprint(station, "A"),
  };
  await line.call("start", { params: { id: early.jobId }, body });
});

test("an attempt has who started it, in every list, in the ledger and after the result", async () => {
  const { flash, station, preflight } = await newLine();
  expect(await preflight("SN8201", null)).toBe("go");
  const byOlaf = await flash("SN8201", { start: idOf("olaf"), result: idOf("olaf") });
  const byOtto = await flash("SN8202", { start: idOf("otto"), result: idOf("otto") });
  const byNobody = await flash("SN8203", { start: null, result: null });
  const before = await flash("SN8204", {});
  const at = { station: station.name };
  const list = async (query: object) =>
    (await engineer("attempts", { query: { ...at, ...query } })).body.map(({ id }) => id);
  expect(await list({ operator: "olaf" })).toEqual([byOlaf]);
  expect(await list({ operator: idOf("otto") })).toEqual([byOtto]);
  const nobody = engineer("attempts", { query: { operator: "nobody.there" } });
  expect(await refusal(nobody)).toBe("404 request.not_found");
  const shown = async (id: string) => {
    const { operator, review } = (await engineer("attempt", { params: { id } })).body;
    return { operator: operator?.name ?? null, review };
  };
  expect(await shown(byOlaf)).toEqual({ operator: "olaf", review: false });
  expect(await shown(byNobody)).toEqual({ operator: null, review: false });
  expect(await shown(before)).toEqual({ operator: null, review: false });

  const csv = await server.app.inject({
    url: `/v1/attempts.csv?station=${station.name}`,
    headers: { authorization: `Bearer ${await server.tokenSecret("read")}` },
  });
  const [head = "", ...rows] = csv.body.trim().split("\n");
  const column = head.trim().split(",").indexOf("operator");
  expect(rows.map((row) => row.split(",")[column])).toEqual(["", "", "otto", "olaf"]);

  const query = { ...at, operator: "otto" };
  expect((await engineer("containment", { query })).body).toMatchObject({ units: 1, attempts: 1 });
  const wrong = { query: { ...at, operator: "nobody.there" } };
  expect(await refusal(engineer("containment", wrong))).toBe("404 request.not_found");
  for (const kind of ["attempt.started", "attempt.finished"] as const) {
    const events = await eventsOf(server.platform.db.sql, kind);
    expect(events.find(({ subjectId }) => subjectId === byOtto)?.data).toMatchObject({
      operator: idOf("otto"),
    });
  }
});

test("a result that names somebody else, or nobody who works here, is kept for review, and the start is believed", async () => {
  const { flash } = await newLine();
  const shown = async (id: string) => {
    const { operator, review, outcome } = (await engineer("attempt", { params: { id } })).body;
    return [operator?.name ?? null, review, outcome];
  };
  for (const [at, seen] of [
    [{ start: idOf("olaf"), result: idOf("otto") }, ["olaf", true, "PASS"]],
    [{ start: idOf("olaf"), result: idOf("petr") }, ["olaf", true, "PASS"]],
    [{ start: null, result: idOf("otto") }, ["otto", false, "PASS"]],
    [{ start: null, result: idOf("gone") }, [null, true, "PASS"]],
    [{ start: idOf("petr"), result: idOf("petr") }, [null, true, "PASS"]],
    [{ start: idOf("olaf"), result: "no id" }, ["olaf", true, "PASS"]],
    [{ start: idOf("olaf") }, ["olaf", false, "PASS"]],
  ] as const) {
    made += 1;
    expect(await shown(await flash(`SN83${10 + made}`, at)), JSON.stringify(at)).toEqual(seen);
  }
});

test("a station hears of a badge that was given or lost, and who was erased leaves attempts under an id", async () => {
  const { flash, station, line } = await newLine();
  const admin = await server.person("admin");
  const waiting = line.acquire("A", 10_000);
  await delay(50);
  await admin("giveBadge", { params: { id: "otto" }, body: { content: "OTTO-1", reason: "new" } });
  // The long poll ends at once: it is told to ask for its setup again.
  expect(await waiting).toBeNull();
  const id = await flash("SN8401", { start: idOf("otto"), result: idOf("otto") });
  await eraseName(server.platform.db, "otto", BY);
  const query = { station: station.name, operator: idOf("otto") };
  const { body } = await engineer("attempts", { query });
  expect(body).toMatchObject([{ id, operator: { id: idOf("otto"), name: null } }]);
});
