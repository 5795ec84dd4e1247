import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { fingerprint, LINK_FAILURE, lineOf, resultOf, stateOf } from "./testing.ts";

let server: TestServer;
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
  const rows = await server.platform.db.sql.query(
    "SELECT after FROM audit_entry WHERE action = 'result.contradiction' AND subject = $1",
    [`attempt ${attempt.attemptId}`],
  );
  expect(rows).toEqual([
    { after: { serial: seen.serial, outcome: "PASS", contradictions: [key] } },
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
