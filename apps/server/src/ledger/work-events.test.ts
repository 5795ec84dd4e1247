import { afterAll, beforeAll, expect, test } from "vitest";
import { LINK_FAILURE, lineOf, resultOf } from "../jobs/testing.ts";
import { eventsOf, wrongOf } from "../testing/events.ts";
import { eventually, refusal } from "../testing/refusal.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const named = async (serial: string) =>
  (await eventsOf(server.platform.db.sql)).filter(({ subjectName }) => subjectName === serial);
const kinds = async (serial: string) => (await named(serial)).map(({ kind }) => kind);

test("an attempt's start and result say what, where, with what and how it ended", async () => {
  const line = lineOf(server);
  const { attemptId, job } = await line.flash("SN5001", LINK_FAILURE);
  const [started, finished, ...more] = await named("SN5001");
  const place = {
    jobId: job.jobId,
    product: "PSU-40",
    version: "1.0.0",
    order: "WO-1",
    station: "L3-01",
    nest: "A",
    virtual: false,
    hostId: expect.any(String) as string,
  };
  const common = { subjectId: attemptId, who: "station L3-01", door: "agent" };
  expect(started).toMatchObject({ kind: "attempt.started", ...common, data: place });
  expect(finished).toMatchObject({ kind: "attempt.finished", ...common });
  expect(finished).toMatchObject({ plantId: server.seed.plantId, operation: "result" });
  expect(finished?.data).toMatchObject({
    ...place,
    outcome: "FAIL",
    code: "link.budget",
    blame: "host",
    phase: "write",
    first: true,
    jobBefore: "RUNNING",
    jobState: "FAILED",
    displaces: null,
    contradictions: [],
  });
  expect(more).toEqual([]);
});

test("a station that is lost, the job that takes over, and the result that comes late are told", async () => {
  const line = lineOf(server, await server.addStation("W-1", 1));
  const attempt = await line.start(await line.lease("SN5002"));
  await server.platform.db.sql.execute(
    "UPDATE job SET deadline = now() - interval '1 minute' WHERE id = $1",
    [attempt.job.jobId],
  );
  await eventually(
    () => kinds("SN5002"),
    (found) => found.includes("job.unknown"),
  );
  const next = await line.flash("SN5002");
  const result = resultOf(attempt, LINK_FAILURE);
  for (const _ of [1, 2]) await line.report(attempt, result);
  const events = await named("SN5002");
  expect(events.map(({ kind }) => kind)).toEqual([
    "attempt.started",
    "job.unknown",
    "job.superseded",
    "attempt.started",
    "attempt.finished",
    "result.late",
  ]);
  expect(events[1]).toMatchObject({ who: "system server", plantId: server.seed.plantId });
  expect(events[2]?.data).toEqual({ jobId: next.job.jobId });
  // The older attempt was the first one after all.
  const late = { first: true, displaces: next.attemptId, jobBefore: "SUPERSEDED" };
  expect(events[5]?.data).toMatchObject({ ...late, jobState: "SUPERSEDED", outcome: "FAIL" });
});

test("a result that is refused for good is noted once", async () => {
  const line = lineOf(server, await server.addStation("W-2", 1));
  const attempt = await line.flash("SN5003");
  const other = resultOf(attempt, LINK_FAILURE);
  const report = async () =>
    expect(await refusal(line.report(attempt, other))).toContain("conflict");
  // Its agent repeats it while the note is being written.
  const { sql } = server.platform.db;
  await sql.execute(`CREATE FUNCTION note_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$`);
  await sql.execute(`CREATE TRIGGER note_slowly BEFORE INSERT ON ledger_open FOR EACH ROW
    WHEN (NEW.kind = 'result.refused') EXECUTE FUNCTION note_slowly()`);
  await Promise.all(Array.from({ length: 4 }, report));
  await sql.execute("DROP TRIGGER note_slowly ON ledger_open");
  await report();
  const events = await eventsOf(sql, "result.refused");
  expect(events).toMatchObject([
    { subjectId: attempt.attemptId, data: { code: "result.conflict" }, who: "station W-2" },
  ]);
});

test("a job that cannot be offered says why", async () => {
  const station = await server.addStation("W-3", 1);
  await (await server.person("operator-lead"))("setHold", {
    body: { target: { kind: "nest", station: "W-3", nest: "A" }, reason: "bent pin" },
  });
  await server.platform.db.sql.execute(
    `WITH u AS (INSERT INTO unit (id, product_id, serial) VALUES (gen_random_uuid(), $1, 'SN5004') RETURNING id),
     j AS (INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, deadline)
       SELECT gen_random_uuid(), u.id, $2, $3, $4, $5, $6, 'QUEUED', now() FROM u RETURNING id)
     INSERT INTO outbox (queue, key, payload) SELECT 'flash', 'flash-' || id, json_build_object('jobId', id) FROM j`,
    [
      server.seed.productId,
      station.id,
      station.nests[0]?.id,
      server.seed.workOrderId,
      server.seed.releaseId,
      server.seed.stepId,
    ],
  );
  await server.platform.queues.dispatch();
  const [cancelled] = await eventually(
    () => named("SN5004"),
    (found) => found.length > 0,
  );
  expect(cancelled).toMatchObject({
    kind: "job.cancelled",
    data: { code: "preflight.nest_off", station: "W-3", nest: "A" },
  });
});

test("every event is by the contract's table", async () => {
  await lineOf(server).flash("SN5005");
  const events = await eventsOf(server.platform.db.sql);
  expect(wrongOf(events)).toEqual([]);
  expect(events.length).toBeGreaterThan(8);
});
