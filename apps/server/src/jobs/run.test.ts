import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { pacer } from "../pacing/pacer.ts";
import { BY } from "../testing/events.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { untilWaiting } from "../testing/waiting.ts";
import { hotRepository } from "./hot.repository.ts";
import { leaseRepository } from "./lease.repository.ts";
import { runService } from "./run.service.ts";
import { signalsOn } from "./signals.ts";
import { codeOf, fingerprint, LINK_FAILURE, lineOf, resultOf, stateOf } from "./testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const attemptRow = async (id: string) => {
  const [row] = await server.platform.db.sql.query<Record<string, unknown>>(
    "SELECT * FROM attempt WHERE id = $1",
    [id],
  );
  return row ?? {};
};

describe("the main job", () => {
  it("goes from scan to result", async () => {
    const line = lineOf(server);
    const scan = { serial: " sn1001 ", nest: "A" };
    expect((await line.call("preflight", { body: scan })).body).toEqual({
      go: true,
      serial: "SN1001",
      workOrder: "WO-1",
      product: "PSU-40",
      version: "1.0.0",
      dirty: false,
    });
    const job = await line.lease("sn1001");
    expect(job).toMatchObject({
      nest: "A",
      serial: "SN1001",
      epoch: 1,
      dirty: false,
      product: "PSU-40",
      virtualAllowed: true,
      manifest: server.seed.manifest.toString("base64"),
      images: [
        { name: "app.bin", sha256: server.seed.imageSha256, size: 8192, address: 0x08000000 },
      ],
    });
    const attempt = await line.start(job);
    const renewed = await line.call("renew", {
      params: { id: job.jobId },
      body: { epoch: job.epoch },
    });
    expect(renewed.body).toMatchObject({ cancel: false });
    const body = resultOf(attempt);
    expect(await line.report(attempt, body)).toEqual({
      status: 201,
      body: { late: false, jobState: "PASSED" },
    });
    const row = await attemptRow(attempt.attemptId);
    expect(row).toMatchObject({ outcome: "PASS", first: true, late: false, review: false });
    expect(row["skew_ms"]).toBeGreaterThan(0);
    expect(JSON.parse(String(row["body"]))).toEqual(body);
    expect(await codeOf(line.order("SN1001"))).toBe("preflight.already_passed");
  });

  it("answers the same bytes the same way and refuses others", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN1002"));
    const body = resultOf(attempt);
    expect((await line.report(attempt, body)).status).toBe(201);
    expect(await line.report(attempt, body)).toEqual({
      status: 200,
      body: { late: false, jobState: "PASSED" },
    });
    expect(await codeOf(line.report(attempt, { ...body, bytes: 1 }))).toBe("result.conflict");
    expect((await attemptRow(attempt.attemptId))["bytes"]).toBe(8192);
  });

  it("stores what it does not know, and marks it for review", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN1003"));
    const body = resultOf(attempt, {
      outcome: "FAIL",
      code: "quantum.flux",
      blame: "nature",
      novelty: { deep: [1, 2] },
    });
    expect((await line.report(attempt, body)).status).toBe(201);
    const row = await attemptRow(attempt.attemptId);
    expect(row).toMatchObject({ review: true, code: "quantum.flux", blame: "nature" });
    expect(JSON.parse(String(row["body"]))).toMatchObject({ novelty: { deep: [1, 2] } });
    expect(await stateOf(server, attempt.job.jobId)).toBe("FAILED");
  });

  it("takes a start and a result from a controller and a hub of kinds that it does not know", async () => {
    const line = lineOf(server);
    const lease = await line.lease("SN1009");
    const host = fingerprint(server.seed.station, lease.nest, {
      kind: "usb5",
      hub: true,
      tt: "quad",
    });
    const attempt = await line.start(lease, host);
    expect((await line.report(attempt, resultOf(attempt))).status).toBe(201);
    const row = await attemptRow(attempt.attemptId);
    expect(row).toMatchObject({ review: true, outcome: "PASS" });
  });

  it("takes whatever was read from a wire, and figures beyond its columns", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN1008"));
    const body = resultOf(attempt, {
      usbSerial: "A\0B\ud800",
      detail: "\\u0000 is written \\\0",
      address: 1.5,
      bytes: 3e9,
      host: { ...attempt.host, os: "\udfff" },
    });
    expect((await line.report(attempt, body)).status).toBe(201);
    expect(await attemptRow(attempt.attemptId)).toMatchObject({
      usb_serial: "A\ufffdB\ufffd",
      detail: "\\u0000 is written \\\ufffd",
      address: null,
      bytes: 2_147_483_647,
    });
    const scan = { serial: "SN\u00001009", nest: "A" };
    const { body: answer } = await line.call("preflight", { body: scan });
    expect(answer).toMatchObject({ go: false, code: "preflight.serial_malformed" });
    expect(await codeOf(line.order(scan.serial))).toBe("preflight.serial_malformed");
    const renewal = line.call("renew", {
      params: { id: attempt.job.jobId },
      body: { epoch: 9e12 },
    });
    expect(await codeOf(renewal)).toBe("job.epoch");
  });

  it("counts a link event as an incident although the agent forgot to", async () => {
    const line = lineOf(server);
    const { incidents } = LINK_FAILURE;
    const attempt = await line.flash("SN1004", { incidents, linkIncident: false });
    expect((await attemptRow(attempt.attemptId))["link_incident"]).toBe(true);
  });

  it("cancels, not fails, when nothing was erased; the unit stays clean", async () => {
    const line = lineOf(server);
    const attempt = await line.flash("SN1005", { ...LINK_FAILURE, touched: false });
    expect(await stateOf(server, attempt.job.jobId)).toBe("CANCELLED");
    expect((await line.lease("SN1005")).dirty).toBe(false);
    await line.call("cancelJob", {
      params: { id: (await line.acquire("A"))?.jobId ?? "" },
      body: { epoch: 1, code: "attempt.cancelled", message: "operator" },
    });
  });

  it("says that a unit is dirty after a failure or an unknown end", async () => {
    const line = lineOf(server);
    await line.flash("SN1006", LINK_FAILURE);
    const again = await line.start(await line.lease("SN1006"));
    expect(again.job.dirty).toBe(true);
    await line.report(again, resultOf(again));
    const rows = await server.platform.db.sql.query<{ first: boolean; outcome: string }>(
      `SELECT a.first, a.outcome FROM attempt a JOIN unit u ON u.id = a.unit_id
        WHERE u.serial = 'SN1006' ORDER BY a.accepted_at`,
    );
    expect(rows).toEqual([
      { first: true, outcome: "FAIL" },
      { first: false, outcome: "PASS" },
    ]);
  });

  it("knows only its own station's jobs and attempts", async () => {
    const other = await server.addStation("L3-02");
    const line = lineOf(server);
    const stranger = lineOf(server, other);
    const job = await line.lease("SN1007");
    expect(await codeOf(stranger.start(job))).toBe("job.not_found");
    const attempt = await line.start(job);
    expect(await codeOf(stranger.report(attempt, resultOf(attempt)))).toBe(
      "result.attempt_unknown",
    );
    expect(await stranger.acquire("A", 0)).toBeNull();
    await line.report(attempt, resultOf(attempt));
    const nobody = { ...attempt, attemptId: newId() };
    expect(await codeOf(line.report(nobody, resultOf(nobody)))).toBe("result.attempt_unknown");
    expect(await codeOf(line.report(attempt, resultOf(nobody)))).toBe("request.invalid");
  });
});

describe("start", () => {
  it("is refused under another epoch, for another attempt, on a quarantined host and for a revoked release", async () => {
    const line = lineOf(server);
    const { sql } = server.platform.db;
    const job = await line.lease("SN1010");
    expect(await codeOf(line.start({ ...job, epoch: 7 }))).toBe("job.epoch");
    await sql.execute(
      `INSERT INTO hold (id, kind, target_id, name, reason, set_by)
       SELECT gen_random_uuid(), 'host', id, machine, 'loses the link', 'anna' FROM host WHERE machine = $1`,
      [server.seed.station.machine],
    );
    expect(await codeOf(line.start(job))).toBe("preflight.host_quarantined");
    expect(await codeOf(line.order("SN1011", "A"))).toBe("preflight.nest_busy");
    await sql.execute("UPDATE hold SET lifted_at = now()");
    await sql.execute("UPDATE release SET state = 'revoked'");
    expect(await codeOf(line.start(job))).toBe("release.revoked");
    const renewed = await line.call("renew", { params: { id: job.jobId }, body: { epoch: 1 } });
    expect(renewed.body.cancel).toBe(true);
    await sql.execute("UPDATE release SET state = 'released', expires_at = now()");
    expect(await codeOf(line.start(job))).toBe("release.expired");
    await sql.execute("UPDATE release SET expires_at = NULL");
    await sql.execute("UPDATE product SET allow_virtual = false");
    const virtual = line.call("start", {
      params: { id: job.jobId },
      body: {
        epoch: 1,
        attemptId: newId(),
        host: fingerprint(server.seed.station, "A"),
        virtual: true,
      },
    });
    expect(await codeOf(virtual)).toBe("preflight.virtual_unit");
    await sql.execute("UPDATE product SET allow_virtual = true");
    expect(await stateOf(server, job.jobId)).toBe("LEASED");
    const attempt = await line.start(job);
    expect(await codeOf(line.start(job))).toBe("job.attempt_other");
    const repeated = await line.call("start", {
      params: { id: job.jobId },
      body: { epoch: 1, attemptId: attempt.attemptId, host: attempt.host, virtual: false },
    });
    expect(repeated.status).toBe(200);
    await line.report(attempt, resultOf(attempt));
    expect(await codeOf(line.start(job))).toBe("job.attempt_other");
  });

  it("is not undone by a cancel that comes before the first erase", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN1012"));
    const cancel = () =>
      line.call("cancelJob", {
        params: { id: attempt.job.jobId },
        body: { epoch: 1, code: "attempt.cancelled", message: "called off" },
      });
    expect((await cancel()).body.state).toBe("CANCELLED");
    expect((await cancel()).body.state).toBe("CANCELLED");
    const late = await line.report(
      attempt,
      resultOf(attempt, { outcome: "FAIL", touched: false, code: "attempt.cancelled" }),
    );
    expect(late).toEqual({ status: 202, body: { late: true, jobState: "CANCELLED" } });
    expect(await attemptRow(attempt.attemptId)).toMatchObject({ first: false, late: true });
    expect((await line.lease("SN1012")).dirty).toBe(false);
  });
});

describe("a start", () => {
  it("whose obstacle goes while it is looked for is made, not refused for nothing", async () => {
    const { db, bus, queues, vault } = server.platform;
    const job = await lineOf(server).lease("SN1090", "B");
    const lead = await server.person("operator-lead");
    const target = { kind: "nest", station: server.seed.station.name, nest: "B" } as const;
    await lead("setHold", { body: { target, reason: "bent pin" } });
    const hot = hotRepository(db, vault);
    let tries = 0;
    const runs = runService(
      {
        ...hot,
        async start(input) {
          tries += 1;
          const started = await hot.start(input);
          if (!started) await lead("liftHold", { body: { target, reason: "straight again" } });
          return started;
        },
      },
      leaseRepository(db),
      signalsOn(bus, queues),
      pacer(db),
    );
    const request = { epoch: job.epoch, attemptId: newId(), virtual: false, by: BY };
    const host = fingerprint(server.seed.station, "B");
    await runs.start(server.seed.station.id, job.jobId, { ...request, host });
    expect(tries).toBe(2);
    expect(await stateOf(server, job.jobId)).toBe("RUNNING");
  });
});

describe("a result", () => {
  it("settles a job whose lease is running out at the same moment", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN1091", "C"));
    const { jobId } = attempt.job;
    let reported: ReturnType<typeof line.report> | undefined;
    await server.platform.db.transaction(async (sql) => {
      await sql.execute("UPDATE job SET state = 'UNKNOWN', deadline = NULL WHERE id = $1", [jobId]);
      reported = line.report(attempt, resultOf(attempt));
      // It has seen the job RUNNING.
      await untilWaiting(sql, 1);
    });
    expect(await reported).toEqual({ status: 201, body: { late: false, jobState: "PASSED" } });
    expect(await stateOf(server, jobId)).toBe("PASSED");
  });
});

describe("a job that its station gives up", () => {
  it("while it starts it leaves an attempt that touched nothing", async () => {
    const { db, vault } = server.platform;
    const line = lineOf(server);
    const { jobId, epoch } = await line.lease("SN1092", "D");
    const attemptId = newId();
    const host = fingerprint(server.seed.station, "D");
    const stationId = server.seed.station.id;
    let givenUp: Promise<unknown> | undefined;
    await db.transaction(async (sql) => {
      const hot = hotRepository({ ...db, sql }, vault);
      await hot.start({ jobId, stationId, epoch, attemptId, host, virtual: false, by: BY });
      const body = { epoch, code: "attempt.cancelled", message: "called off" };
      givenUp = line.call("cancelJob", { params: { id: jobId }, body });
      await untilWaiting(sql, 1);
    });
    await givenUp;
    expect(await stateOf(server, jobId)).toBe("CANCELLED");
    expect(await attemptRow(attemptId)).toMatchObject({
      code: "attempt.cancelled",
      touched: false,
    });
  });
});
