import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { eventsOf } from "../testing/events.ts";
import { startPublishing } from "../testing/publishing.ts";
import type { TestServer } from "../testing/server.ts";
import { codeOf, lineOf, resultOf, stateOf } from "./testing.ts";

let server: TestServer;
beforeAll(async () => {
  const on = await startPublishing();
  server = on.server;
  const serial = { from: "serial", pattern: "SN([0-9]+)", text: "P-{1}" };
  const { body } = await on.publish({ schema: 2, recipe: { expectAfterLeave: { serial } } });
  expect(await on.checked(body.id)).toMatchObject({ check: "passed" });
  await on.ci("promote", { params: { id: body.id }, query: { moveOrders: "true" } });
});
afterAll(() => server.close());

const ABLE = { abilities: ["application-serial", "something-new"] };
const shown = (serial: string | null) => ({ expected: "P-7001", serial, ids: "0483:5740" });

async function started(serial: string) {
  const line = lineOf(server);
  await line.call("createJob", { body: { jobId: newId(), serial, nest: "A", ...ABLE } });
  const job = await line.acquire("A");
  if (job === null) return expect.fail("no job");
  return { line, attempt: await line.start(job) };
}
async function seen(id: string) {
  const admin = await server.person("admin");
  return (await admin("attempt", { params: { id } })).body;
}

it("is looked at by agents that say so, and no other station gets a unit of the release", async () => {
  const line = lineOf(server);
  const scan = { serial: "SN7000", nest: "A" };
  for (const abilities of [undefined, [], ["something-new"]]) {
    const told = { ...scan, ...(abilities === undefined ? {} : { abilities }) };
    const { body } = await line.call("preflight", { body: told });
    expect(body).toMatchObject({
      go: false,
      code: "release.agent_cannot",
      blame: "system",
      message: expect.stringMatching(/1\.0\.2 wants the USB serial .* agent is too old/),
    });
    const order = line.call("createJob", { body: { ...told, jobId: newId() } });
    expect(await codeOf(order)).toBe("release.agent_cannot");
  }
  const { body } = await line.call("preflight", { body: { ...scan, ...ABLE } });
  expect(body).toMatchObject({ go: true });
});

it.each([
  ["no serial told", {}],
  ["none shown", { application: shown(null) }],
  ["another one", { application: shown("P-7002") }],
  ["another one called right", { application: { ...shown("P-7002"), expected: "P-7002" } }],
  ["the scanned one instead of the derived one", { application: shown("SN7001") }],
])("a PASS with %s makes no unit PASSED", async (_what, change) => {
  const { line, attempt } = await started("SN7001");
  const { status } = await line.report(attempt, resultOf(attempt, change));
  expect(status).toBe(202);
  expect(await stateOf(server, attempt.job.jobId)).toBe("UNKNOWN");
  expect(await seen(attempt.attemptId)).toMatchObject({ contradictions: ["application"] });
});

it("another serial is a FAIL of the scanned unit, for a person to look at, and its flash counts as half written", async () => {
  const { line, attempt } = await started("SN7001");
  const fail = { outcome: "FAIL", code: "leave.other_serial", blame: "operator", phase: "leave" };
  const body = resultOf(attempt, { ...fail, application: shown("P-7002") });
  expect((await line.report(attempt, body)).status).toBe(201);
  expect(await stateOf(server, attempt.job.jobId)).toBe("FAILED");
  expect(await seen(attempt.attemptId)).toMatchObject({
    outcome: "FAIL",
    code: "leave.other_serial",
    review: true,
    contradictions: [],
    application: shown("P-7002"),
  });
  const scan = { serial: "SN7001", nest: "A", ...ABLE };
  const { body: next } = await line.call("preflight", { body: scan });
  expect(next).toMatchObject({ go: true, dirty: true });
});

it("the unit that was in the nest is put on hold: its own record may say that it has passed", async () => {
  const fail = { outcome: "FAIL", code: "leave.other_serial", blame: "operator", phase: "leave" };
  const other = await started("SN7002");
  await other.line.report(
    other.attempt,
    resultOf(other.attempt, { application: { ...shown("P-7002"), expected: "P-7002" } }),
  );
  expect(await stateOf(server, other.attempt.job.jobId)).toBe("PASSED");
  const { line, attempt } = await started("SN7001");
  const body = resultOf(attempt, { ...fail, application: shown("p-7002") });
  expect((await line.report(attempt, body)).status).toBe(201);
  const scan = { serial: "SN7002", nest: "A", ...ABLE };
  expect((await line.call("preflight", { body: scan })).body).toMatchObject({
    go: false,
    code: "preflight.unit_held",
    message: expect.stringContaining("It was flashed as SN7001 by attempt"),
  });
  const holds = async () => {
    const admin = await server.person("admin");
    return (await admin("holds", { query: {} })).body;
  };
  const held = await holds();
  expect(held).toMatchObject([{ kind: "unit", name: "PSU-40 SN7002", origin: "guard" }]);
  const events = await eventsOf(server.platform.db.sql, "unit.held");
  expect(events).toMatchObject([{ subjectName: "PSU-40 SN7002", who: "system server" }]);
  // A result that is not believed, the same result again, and the serial of no unit, hold nothing more.
  expect((await line.report(attempt, body)).status).toBe(200);
  const doubtful = await started("SN7004");
  const lie = { ...fail, application: shown("P-7001"), keyId: "0000000000000000" };
  await doubtful.line.report(doubtful.attempt, resultOf(doubtful.attempt, lie));
  const strange = await started("SN7003");
  const unknown = { ...fail, application: shown("P-999999") };
  await strange.line.report(strange.attempt, resultOf(strange.attempt, unknown));
  expect(await holds()).toEqual(held);
});

it("a PASS with the derived serial, in whatever letters, is one, and is shown with it", async () => {
  const { line, attempt } = await started("SN7001");
  const body = resultOf(attempt, { application: shown("p-7001") });
  expect((await line.report(attempt, body)).status).toBe(201);
  expect(await stateOf(server, attempt.job.jobId)).toBe("PASSED");
  expect(await seen(attempt.attemptId)).toMatchObject({
    outcome: "PASS",
    review: false,
    contradictions: [],
    application: shown("p-7001"),
  });
});
