import { setTimeout as pause } from "node:timers/promises";
import type { LeasedJob } from "@flashline/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pacer } from "../pacing/pacer.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { hotRepository } from "./hot.repository.ts";
import { leaseRepository } from "./lease.repository.ts";
import { runService } from "./run.service.ts";
import { signalsOn } from "./signals.ts";
import { codeOf, LINK_FAILURE, lineOf, orderAndDie, resultOf, stateOf } from "./testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Lets the job's deadline pass and does what the server does every few seconds; where it is just at it, its end is waited for. */
async function runOut(jobId: string): Promise<void> {
  const { db, bus, queues, vault } = server.platform;
  await db.sql.execute("UPDATE job SET deadline = now() - interval '1 s' WHERE id = $1", [jobId]);
  const signals = signalsOn(bus, queues);
  const runs = runService(hotRepository(db, vault), leaseRepository(db), signals, pacer(db));
  const left = async () => {
    await runs.sweep();
    const over = "SELECT FROM job WHERE id = $1 AND deadline < now() AND state = ANY($2)";
    return (await db.sql.query(over, [jobId, ["OFFERED", "LEASED", "RUNNING"]])).length;
  };
  await expect.poll(left, { timeout: 10_000 }).toBe(0);
}
async function settled(jobId: string, state: string): Promise<void> {
  await expect.poll(() => stateOf(server, jobId), { timeout: 15_000 }).toBe(state);
}

const must = (job: LeasedJob | null): LeasedJob => job ?? expect.fail("no job was offered");

describe("acquire", () => {
  it("waits until a job is offered, on this replica or another", async () => {
    const replica = await startTestServer({ replicaOf: server });
    try {
      const waiting = lineOf(replica).acquire("A", 10_000);
      await pause(100);
      const jobId = await lineOf(server).order("SN4001");
      const began = Date.now();
      const job = must(await waiting);
      expect(job.jobId).toBe(jobId);
      expect(Date.now() - began).toBeLessThan(9_000);
      const attempt = await lineOf(server).start(job);
      await lineOf(server).report(attempt, resultOf(attempt));
    } finally {
      await replica.close();
    }
  });

  it("answers 204 in time when there is nothing", async () => {
    const began = Date.now();
    const answer = await lineOf(server).call("acquire", {
      body: { freeNests: ["D"], waitMs: 200 },
    });
    expect(answer.status).toBe(204);
    expect(Date.now() - began).toBeGreaterThanOrEqual(190);
  });

  it("lets a newer request of the station end the older one", async () => {
    const line = lineOf(server);
    const older = line.acquire("D", 20_000);
    await pause(100);
    const newer = line.acquire("D", 300);
    expect(await older).toBeNull();
    expect(await newer).toBeNull();
  });

  it("gives the same unstarted job again, with the same epoch", async () => {
    const line = lineOf(server);
    const job = await line.lease("SN4002", "B");
    expect(await line.acquire("B", 0)).toEqual(job);
    expect(await line.acquire("C", 0)).toBeNull();
    const attempt = await line.start(job);
    expect(await line.acquire("B", 0)).toBeNull();
    await line.report(attempt, resultOf(attempt));
  });

  it("ends with 204 when the server closes", async () => {
    const replica = await startTestServer({ replicaOf: server, idle: true });
    const { id } = server.seed.station;
    const asked = new Promise<void>((resolve) => {
      replica.platform.bus.subscribe(`station.${id}`, () => resolve());
    });
    const waiting = lineOf(replica).acquire("D", 20_000);
    await asked;
    const began = Date.now();
    await replica.app.close();
    expect(await waiting).toBeNull();
    expect(Date.now() - began).toBeLessThan(10_000);
    await replica.close();
  });
});

describe("leases that run out", () => {
  it("offers again what was not fetched", async () => {
    const line = lineOf(server);
    const jobId = await line.order("SN4010", "B");
    await settled(jobId, "OFFERED");
    await runOut(jobId);
    await settled(jobId, "OFFERED");
    expect(must(await line.acquire("B")).epoch).toBe(1);
    // Not started in time: offered again, and the first lease is worth nothing any more.
    await runOut(jobId);
    await settled(jobId, "OFFERED");
    const job = must(await line.acquire("B"));
    expect(job.epoch).toBe(2);
    expect(await codeOf(line.start({ ...job, epoch: 1 }))).toBe("job.epoch");
    const attempt = await line.start(job);
    await line.report(attempt, resultOf(attempt));
    expect(await stateOf(server, jobId)).toBe("PASSED");
  });

  it("makes a running job UNKNOWN, which no other station gets and its own result settles", async () => {
    const line = lineOf(server);
    const attempt = await line.start(await line.lease("SN4011", "B"));
    const { jobId } = attempt.job;
    await runOut(jobId);
    expect(await stateOf(server, jobId)).toBe("UNKNOWN");
    await runOut(jobId);
    expect(await line.acquire("B", 0)).toBeNull();
    const renewal = line.call("renew", { params: { id: jobId }, body: { epoch: 1 } });
    expect(await codeOf(renewal)).toBe("job.state");
    expect(await line.report(attempt, resultOf(attempt))).toEqual({
      status: 201,
      body: { late: false, jobState: "PASSED" },
    });
  });

  it("supersedes an UNKNOWN job at the next scan; its late result is evidence only", async () => {
    const line = lineOf(server);
    const { sql } = server.platform.db;
    const lost = await line.start(await line.lease("SN4012", "B"));
    await runOut(lost.job.jobId);
    const next = await line.start(await line.lease("SN4012", "C"));
    expect(next.job.dirty).toBe(true);
    expect(await stateOf(server, lost.job.jobId)).toBe("SUPERSEDED");
    await line.report(next, resultOf(next));
    const body = resultOf(lost, LINK_FAILURE);
    const late = await line.report(lost, body);
    expect(late).toEqual({ status: 202, body: { late: true, jobState: "SUPERSEDED" } });
    expect(await line.report(lost, body)).toMatchObject({ status: 200 });
    expect(await stateOf(server, next.job.jobId)).toBe("PASSED");
    const [link] = await sql.query("SELECT supersedes_id FROM job WHERE id = $1", [next.job.jobId]);
    expect(link).toEqual({ supersedes_id: lost.job.jobId });
    // The unit's first try was the lost one, and it failed: the yield must not call it a first pass.
    const firsts = await sql.query(
      "SELECT id FROM attempt WHERE first AND unit_id = (SELECT unit_id FROM job WHERE id = $1)",
      [lost.job.jobId],
    );
    expect(firsts).toEqual([{ id: lost.attemptId }]);
  });

  it("gives up what nobody fetched for a quarter of an hour", async () => {
    const line = lineOf(server);
    const jobId = await line.order("SN4013", "B");
    await settled(jobId, "OFFERED");
    await server.platform.db.sql.execute(
      "UPDATE job SET created_at = now() - interval '16 minutes' WHERE id = $1",
      [jobId],
    );
    await runOut(jobId);
    await settled(jobId, "CANCELLED");
    expect(await codeOf(line.order("SN4013", "C"))).toBe("accepted");
  });
});

describe("an order", () => {
  it("offers its job without the queue, and leaves nothing to it", async () => {
    const idle = await startTestServer({ idle: true });
    try {
      const jobId = await lineOf(idle).order("SN4030");
      expect(must(await lineOf(idle).acquire("A", 5_000)).jobId).toBe(jobId);
      expect(await idle.platform.db.sql.query("SELECT * FROM outbox")).toEqual([]);
    } finally {
      await idle.close();
    }
  });

  it("leaves to the queue what it could not offer", async () => {
    const own = await startTestServer();
    const { sql } = own.platform.db;
    try {
      await sql.execute(`CREATE FUNCTION refuse_offer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no offers today'; END $$`);
      await sql.execute(`CREATE TRIGGER refuse_offer BEFORE UPDATE ON job FOR EACH ROW
        WHEN (NEW.state = 'OFFERED') EXECUTE FUNCTION refuse_offer()`);
      const jobId = await lineOf(own).order("SN4031");
      await pause(500);
      expect(await stateOf(own, jobId)).toBe("QUEUED");
      await sql.execute("DROP TRIGGER refuse_offer ON job");
      expect(must(await lineOf(own).acquire("A", 15_000)).jobId).toBe(jobId);
    } finally {
      await own.close();
    }
  });
});

describe("when the queue is lost", () => {
  it("announces again what was forgotten", async () => {
    const idle = await startTestServer({ idle: true });
    const { sql } = idle.platform.db;
    try {
      const jobId = await orderAndDie(idle, "SN4020");
      await idle.platform.queues.dispatch();
      await sql.execute("DELETE FROM outbox");
      await sql.execute("DROP SCHEMA IF EXISTS bullmq CASCADE");
      const replica = await startTestServer({ replicaOf: idle });
      try {
        expect(await stateOf(idle, jobId)).toBe("QUEUED");
        await sql.execute("UPDATE job SET deadline = now() - interval '1 s' WHERE id = $1", [
          jobId,
        ]);
        await leaseRepository(idle.platform.db).sweep();
        await replica.platform.queues.dispatch();
        expect(must(await lineOf(replica).acquire("A")).jobId).toBe(jobId);
      } finally {
        await replica.close();
      }
    } finally {
      await idle.close();
    }
  });

  it("finds the outbox that a dead server left behind", async () => {
    const dead = await startTestServer({ idle: true });
    try {
      const jobId = await orderAndDie(dead, "SN4021");
      const next = await startTestServer({ replicaOf: dead });
      try {
        expect(must(await lineOf(next).acquire("A")).jobId).toBe(jobId);
      } finally {
        await next.close();
      }
    } finally {
      await dead.close();
    }
  });
});
