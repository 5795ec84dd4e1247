import { afterAll, beforeAll, expect, it } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { onOneDay } from "../testing/midnight.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { fingerprint, LINK_FAILURE, lineOf, resultOf, stateOf } from "./testing.ts";

let server: TestServer;
onOneDay();
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const OTHER = "f".repeat(64);
const LIES: readonly [contradiction: string, change: Readonly<Record<string, unknown>>][] = [
  ["job", { jobId: "01a20374-f59e-75d7-857a-6e9a0df5e633" }],
  ["manifest", { manifestSha256: OTHER }],
  ["image", { imageSha256: [OTHER] }],
  ["image", { imageSha256: [] }],
  ["key", { keyId: "0000000000000000" }],
  ["virtual", { virtual: true }],
  ["code", { code: "link.budget" }],
  ["untouched", { touched: false, erasedSectors: 0, skippedSectors: 0 }],
  ["untouched", { touched: false, erasedSectors: 1, skippedSectors: 3 }],
];

let made = 0;
async function started() {
  made += 1;
  const line = lineOf(server);
  return { line, attempt: await line.start(await line.lease(`SN7${100 + made}`)) };
}

it.each(LIES)("a PASS with another %s never makes a unit PASSED: %o", async (key, change) => {
  const { line, attempt } = await started();
  const body = resultOf(attempt, change);
  const first = await line.report(attempt, body);
  expect([first.status, first.body]).toEqual([202, { late: true, jobState: "UNKNOWN" }]);
  expect((await line.report(attempt, body)).status).toBe(200);
  expect(await stateOf(server, attempt.job.jobId)).toBe("UNKNOWN");
  const admin = await server.person("admin");
  const { body: seen } = await admin("attempt", { params: { id: attempt.attemptId } });
  expect(seen).toMatchObject({ contradictions: [key], review: true, outcome: "PASS" });
  const events = await eventsOf(server.platform.db.sql, "result.contradicted");
  const own = events.filter(({ subjectId }) => subjectId === attempt.attemptId);
  const data = { outcome: "PASS", contradictions: [key] };
  expect(own).toMatchObject([
    { subjectName: seen.serial, data, who: "station L3-01", plantId: server.seed.plantId },
  ]);
  // The unit may be tried again, and nothing on it is believed.
  const { body: next } = await line.call("preflight", { body: { serial: seen.serial, nest: "A" } });
  expect(next).toMatchObject({ go: true, dirty: true });
});

it("a result from another PC is not believed, and its host is not blamed", async () => {
  const { line, attempt } = await started();
  const host = { ...fingerprint(server.seed.station, "A"), machine: "another-pc" };
  await line.report(attempt, resultOf(attempt, { ...LINK_FAILURE, host }));
  expect(await stateOf(server, attempt.job.jobId)).toBe("FAILED");
  const { sql } = server.platform.db;
  expect(
    await sql.query(
      "SELECT id FROM host WHERE machine = 'another-pc' AND id IN (SELECT host_id FROM attempt)",
    ),
  ).toEqual([]);
  const [row] = await sql.query("SELECT contradictions, first FROM attempt WHERE id = $1", [
    attempt.attemptId,
  ]);
  expect(row).toEqual({ contradictions: ["host"], first: false });
});

it("counts nowhere, and a PASS that skipped every sector is one", async () => {
  const admin = await server.person("admin");
  const before = (await admin("yield", { query: {} })).body;
  expect(before.unitsPassed).toBe(0);
  const { line, attempt } = await started();
  const skipped = { touched: false, erasedSectors: 0, skippedSectors: 4 };
  expect((await line.report(attempt, resultOf(attempt, skipped))).status).toBe(201);
  expect((await admin("yield", { query: {} })).body.unitsPassed).toBe(1);
});

it.each([
  ["no JSON", (text: string) => text.slice(0, -20), "FAIL", "result.unreadable"],
  [
    "a figure in words",
    (text: string) => text.replace('"bytes":8192', '"bytes":"many"'),
    "PASS",
    null,
  ],
  [
    "no outcome",
    (text: string) => text.replace('"outcome":"PASS",', ""),
    "FAIL",
    "result.unreadable",
  ],
  [
    "a host that is a text",
    (text: string) => text.replace(/"host":\{.*?\},"virtual"/, '"host":"pc","virtual"'),
    "PASS",
    null,
  ],
  [
    "too many levels",
    (text: string) => `{"deep":${"[".repeat(99)}${"]".repeat(99)},${text.slice(1)}`,
    "FAIL",
    "result.unreadable",
  ],
])(
  "a result with %s is kept as bytes for review, and its unit is not PASSED",
  async (_what, bend, outcome, code) => {
    const { line, attempt } = await started();
    const text = JSON.stringify(resultOf(attempt));
    const bytes = Buffer.from(bend(text));
    expect(bytes.toString()).not.toBe(text);
    const params = { id: attempt.attemptId };
    const first = await line.call("result", { params, body: bytes });
    expect([first.status, first.body]).toEqual([202, { late: true, jobState: "UNKNOWN" }]);
    expect((await line.call("result", { params, body: bytes })).status).toBe(200);
    const admin = await server.person("admin");
    const { body: seen } = await admin("attempt", { params });
    expect(seen).toMatchObject({ contradictions: ["form"], review: true, outcome, code });
    const [row] = await server.platform.db.sql.query<{ body: Buffer; machine: string }>(
      "SELECT a.body, h.machine FROM attempt a JOIN host h ON h.id = a.host_id WHERE a.id = $1",
      [attempt.attemptId],
    );
    expect(row).toEqual({ body: bytes, machine: server.seed.station.machine });
  },
);

it("a result that cannot be read is no way around the first one, to another attempt or to no bytes", async () => {
  const { attempt: earlier } = await started();
  await lineOf(server).report(earlier, resultOf(earlier));
  const { line, attempt } = await started();
  const send = (body: string, id = attempt.attemptId) =>
    line.call("result", { params: { id }, body: Buffer.from(body) });
  const refusal = (code: string) => ({ refusal: { code } });
  const text = JSON.stringify({ ...resultOf(attempt), bytes: "many" });
  await expect(send(text, earlier.attemptId)).rejects.toMatchObject(refusal("request.invalid"));
  await expect(send("")).rejects.toMatchObject(refusal("request.invalid"));
  const answers = await Promise.all([1, 2, 3, 4].map(() => send(text)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 202]);
  await expect(send("{")).rejects.toMatchObject(refusal("result.conflict"));
  await expect(line.report(attempt, resultOf(attempt))).rejects.toMatchObject(
    refusal("result.conflict"),
  );
  expect(await stateOf(server, attempt.job.jobId)).toBe("UNKNOWN");
});

it("a result in no form of an attempt that this station did not start is refused", async () => {
  const { attempt } = await started();
  const other = lineOf(server, await server.addStation("L3-77"));
  const call = other.call("result", { params: { id: attempt.attemptId }, body: Buffer.from("{") });
  await expect(call).rejects.toMatchObject({ refusal: { code: "result.attempt_unknown" } });
  expect(await stateOf(server, attempt.job.jobId)).toBe("RUNNING");
});
