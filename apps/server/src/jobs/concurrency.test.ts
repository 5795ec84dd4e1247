import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { BY } from "../testing/events.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { hotRepository } from "./hot.repository.ts";
import { ForestalledError, orderRepository } from "./order.repository.ts";
import { codeOf, fingerprint, LINK_FAILURE, lineOf, resultOf, stateOf } from "./testing.ts";
import { repairUsed } from "./used.repository.ts";

let server: TestServer;
let replica: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  replica = await startTestServer({ replicaOf: server });
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

const tally = (codes: readonly (string | number)[]) => {
  const counts = new Map<string | number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries(counts);
};
/** Requests alternate between two replicas. */
const on = (i: number) => (i % 2 === 0 ? server : replica);
const eight = Array.from({ length: 8 }, (_, i) => i);

describe("at the same time on two replicas", () => {
  it("one unit gets one job, however many stations order it", async () => {
    const stations = await Promise.all(eight.map((i) => server.addStation(`U-${i}`, 1)));
    const codes = await Promise.all(
      stations.map((station, i) => codeOf(lineOf(on(i), station).order("SN2001"))),
    );
    expect(tally(codes)).toEqual({ accepted: 1, "preflight.busy": 7 });
  });

  it("a repeated order is one job", async () => {
    const body = { jobId: newId(), serial: "SN2002", nest: "B" };
    const answers = await Promise.all(eight.map((i) => lineOf(on(i)).call("createJob", { body })));
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 7, 201: 1 });
    const other = { ...body, serial: "SN2003" };
    expect(await codeOf(lineOf(server).call("createJob", { body: other }))).toBe(
      "request.conflict",
    );
  });

  it("one job is leased once, started once and settled once", async () => {
    const line = lineOf(server);
    const jobId = await line.order("SN2004", "C");
    await expect.poll(() => stateOf(server, jobId), { timeout: 15_000 }).toBe("OFFERED");
    const leases = await Promise.all(
      eight.map((i) =>
        hotRepository(on(i).platform.db, on(i).platform.vault).acquire(server.seed.station.id, [
          "C",
        ]),
      ),
    );
    const [job] = leases;
    if (job === null || job === undefined) return expect.fail("nothing was offered");
    for (const lease of leases) expect(lease).toEqual({ ...job, epoch: 1 });
    // Asked in a row by both replicas: a newer request ends an older one, but never takes a second lease.
    const again = await Promise.all(eight.map((i) => lineOf(on(i)).acquire("C", 300)));
    for (const found of again) if (found !== null) expect(found).toEqual(job);
    const attempts = eight.map(() => newId());
    const host = fingerprint(server.seed.station, "C");
    const starts = await Promise.all(
      attempts.map((attemptId, i) =>
        codeOf(
          lineOf(on(i)).call("start", {
            params: { id: job.jobId },
            body: { epoch: job.epoch, attemptId, host, virtual: false },
          }),
        ),
      ),
    );
    expect(tally(starts)).toEqual({ accepted: 1, "job.attempt_other": 7 });
    const attemptId = attempts[starts.indexOf("accepted")] ?? "";
    const attempt = { job, attemptId, host };
    const body = resultOf(attempt);
    const reports = await Promise.all(eight.map((i) => lineOf(on(i)).report(attempt, body)));
    expect(tally(reports.map(({ status }) => status))).toEqual({ 200: 7, 201: 1 });
    const [rows] = await server.platform.db.sql.query(
      "SELECT count(*)::int AS n FROM attempt WHERE job_id = $1",
      [job.jobId],
    );
    expect(rows).toEqual({ n: 1 });
  });

  it("of results with different bytes one is kept, the others are refused", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN2005", "D"));
    const codes = await Promise.all(
      eight.map((i) =>
        codeOf(lineOf(on(i)).report(attempt, resultOf(attempt, { durationMs: 1000 + i }))),
      ),
    );
    expect(tally(codes)).toEqual({ accepted: 1, "result.conflict": 7 });
  });

  it("new hosts are added once", async () => {
    const station = await server.addStation("H-1", 8);
    const names = station.nests.map(({ name }) => name);
    const jobs = await Promise.all(
      names.map(async (nest, i) => {
        const line = lineOf(on(i), station);
        await line.order(`SN21${10 + i}`, nest);
        return nest;
      }),
    );
    const attempts = [];
    for (const nest of jobs) {
      const job = await lineOf(server, station).acquire(nest);
      if (job !== null) attempts.push(job);
    }
    await Promise.all(attempts.map((job, i) => lineOf(on(i), station).start(job)));
    const [hosts] = await server.platform.db.sql.query(
      "SELECT count(*)::int AS n FROM host WHERE machine = $1",
      [station.machine],
    );
    expect(hosts).toEqual({ n: 1 });
  });

  it("a count that is wrong is told and put right", async () => {
    const { sql } = server.platform.db;
    const [order] = await sql.query<{ used: number }>("SELECT used FROM work_order");
    const counted = order?.used ?? 0;
    await sql.execute("UPDATE work_order SET used = used + 7");
    const wrong = { number: server.seed.workOrder, kept: counted + 7, counted };
    expect(await repairUsed(sql)).toEqual([wrong]);
    expect(await repairUsed(sql)).toEqual([]);
  });

  it("quota is never exceeded: units that run count", async () => {
    const { sql } = server.platform.db;
    const stations = await Promise.all(eight.map((i) => server.addStation(`Q-${i}`, 1)));
    const [used] = await sql.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM job WHERE state NOT IN ('FAILED', 'CANCELLED', 'SUPERSEDED')",
    );
    await sql.execute("UPDATE work_order SET quantity = $1", [(used?.n ?? 0) + 3]);
    const codes = await Promise.all(
      stations.map((station, i) => codeOf(lineOf(on(i), station).order(`SN30${10 + i}`))),
    );
    expect(tally(codes)).toEqual({ accepted: 3, "preflight.quota_reached": 5 });
    const winner = stations[codes.indexOf("accepted")];
    if (winner === undefined) return expect.fail("nobody won");
    // A failure gives its place back.
    const line = lineOf(server, winner);
    const job = await line.acquire("A");
    if (job === null) return expect.fail("nothing was offered");
    const attempt = await line.start(job);
    await line.report(attempt, resultOf(attempt, LINK_FAILURE));
    expect(await codeOf(line.order("SN3050"))).toBe("accepted");
    expect(await repairUsed(sql)).toEqual([]);
    const loser = stations[codes.indexOf("preflight.quota_reached")];
    expect(await codeOf(lineOf(server, loser ?? winner).order("SN3051"))).toBe(
      "preflight.quota_reached",
    );
  });
});

it("an order that is closed in the moment of a scan leaves the unit as it was", async () => {
  const { sql } = server.platform.db;
  const { seed } = server;
  await sql.execute("UPDATE work_order SET quantity = 100 WHERE id = $1", [seed.workOrderId]);
  const station = await server.addStation("N-1", 1);
  const line = lineOf(server, station);
  const { job } = await line.start(await line.lease("SN2190"));
  await sql.execute("UPDATE job SET state = 'UNKNOWN', deadline = NULL WHERE id = $1", [job.jobId]);
  const [known] = await sql.query<{ id: string }>("SELECT id FROM unit WHERE serial = 'SN2190'");
  // As the queue of a station is left by the order that is closed.
  await sql.execute("DELETE FROM station_order WHERE station_id = $1", [station.id]);
  const add = (serial: string, unitId: string | null) =>
    orderRepository(server.platform.db).add({
      jobId: newId(),
      stationId: station.id,
      nestId: station.nests[0]?.id ?? "",
      serial,
      unitId,
      orderId: seed.workOrderId,
      productId: seed.productId,
      releaseId: seed.releaseId,
      exceptionId: null,
      stepId: seed.stepId,
      dirty: false,
      fields: [],
      by: BY,
    });
  await expect(add("SN2190", known?.id ?? null)).rejects.toBeInstanceOf(ForestalledError);
  await expect(add("SN2191", null)).rejects.toBeInstanceOf(ForestalledError);
  expect(await stateOf(server, job.jobId)).toBe("UNKNOWN");
  expect(await sql.query("SELECT FROM unit WHERE serial = 'SN2191'")).toEqual([]);
});
