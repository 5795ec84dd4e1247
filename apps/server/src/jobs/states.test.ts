import { JobEvent, JobState, nextJobState } from "@flashline/contract";
import { signMinisig } from "@flashline/signing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import { BY } from "../testing/events.ts";
import { seedStation } from "../testing/seed.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { hotRepository } from "./hot.repository.ts";
import { leaseRepository } from "./lease.repository.ts";
import { movesOf } from "./moves.ts";
import { offerRepository } from "./offer.repository.ts";
import { orderRepository } from "./order.repository.ts";
import { resultRepository } from "./result.repository.ts";
import { fieldsOf } from "./result-fields.ts";
import { fingerprint, resultOf } from "./testing.ts";
import { repairUsed } from "./used.repository.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
});
afterAll(() => server.close());

const EPOCH = 3;
let made = 0;

/** A job in `state` with its attempt, at a station of its own. */
async function jobIn(state: JobState) {
  const { platform, seed } = server;
  made += 1;
  const station = await seedStation(platform, seed.lineId, `T-${made}`, 1, seed.workOrderId);
  const ids = { job: newId(), unit: newId(), attempt: newId(), host: newId() };
  const [nest] = station.nests;
  const place = [station.id, nest?.id, seed.workOrderId, seed.releaseId, seed.stepId];
  await platform.db.sql.execute("INSERT INTO unit (id, product_id, serial) VALUES ($1, $2, $3)", [
    ids.unit,
    seed.productId,
    `SN${5000 + made}`,
  ]);
  await platform.db.sql.execute(
    `INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, epoch, deadline)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '1 minute')`,
    [ids.job, ids.unit, ...place, state, EPOCH],
  );
  await platform.db.sql.execute(
    `INSERT INTO host (id, key, machine, pci_address, controller, driver, fingerprint)
     VALUES ($1, $2, 'm', 'p', 'c', 'd', '{}')`,
    [ids.host, ids.host],
  );
  await platform.db.sql.execute(
    `INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, host_id, epoch)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [ids.attempt, ids.job, ids.unit, ...place, ids.host, EPOCH],
  );
  return { ...ids, station, serial: `SN${5000 + made}` };
}
type Made = Awaited<ReturnType<typeof jobIn>>;

const hot = () => hotRepository(server.platform.db, server.platform.vault);

async function report(made: Made, change: object, moves: ReturnType<typeof movesOf>) {
  const host = fingerprint(made.station, "A");
  const { manifest, secretKey } = server.seed;
  const signature = signMinisig(manifest, secretKey, { trustedComment: "test" });
  const signed = { manifest: manifest.toString("base64"), signature };
  const job = {
    jobId: made.job,
    epoch: EPOCH,
    images: [],
    dirty: false,
    version: "",
    ...signed,
  };
  const result = resultOf({ job, attemptId: made.attempt, host }, { ...change });
  await resultRepository(server.platform.db).store({
    attemptId: made.attempt,
    stationId: made.station.id,
    epoch: EPOCH,
    granted: null,
    judge: () => ({
      moves,
      fields: fieldsOf(result),
      counts: true,
      contradictions: [],
      mixedUp: null,
    }),
    host,
    virtual: false,
    sha256: "1".repeat(64),
    body: Buffer.from("{}"),
    by: BY,
  });
}

async function expire(job: Made) {
  const { db } = server.platform;
  await db.sql.execute("UPDATE job SET deadline = now() - interval '1 s' WHERE id = $1", [job.job]);
  await leaseRepository(db).sweep();
}

/** What each event is in the server. The three ends of a lease are one sweep: a state has only one of them. */
const DO = {
  dispatch: (job) => offerRepository(server.platform.db).offer([{ jobId: job.job }]),
  acquire: (job) => hot().acquire(job.station.id, ["A"]),
  "offer-expired": expire,
  "lease-expired": expire,
  "lease-lost": expire,
  start: (job) =>
    hot().start({
      jobId: job.job,
      stationId: job.station.id,
      epoch: EPOCH,
      attemptId: newId(),
      host: fingerprint(job.station, "A"),
      virtual: false,
      by: BY,
    }),
  "result-pass": (job) => report(job, {}, movesOf("result-pass")),
  "result-fail": (job) => report(job, { outcome: "FAIL" }, movesOf("result-fail")),
  cancel: (job) =>
    leaseRepository(server.platform.db).cancel(
      job.station.id,
      job.job,
      { epoch: EPOCH, code: "attempt.cancelled", message: "" },
      BY,
    ),
  supersede: (job) =>
    orderRepository(server.platform.db)
      .add({
        jobId: newId(),
        stationId: job.station.id,
        serial: job.serial,
        nestId: job.station.nests[0]?.id ?? "",
        orderId: server.seed.workOrderId,
        productId: server.seed.productId,
        releaseId: server.seed.releaseId,
        exceptionId: null,
        stepId: server.seed.stepId,
        unitId: job.unit,
        dirty: false,
        fields: [],
        by: BY,
      })
      // An open job of the unit keeps a second one out.
      .catch(() => undefined),
} satisfies Record<JobEvent, (job: Made) => Promise<unknown>>;

const SWEEPS: readonly JobEvent[] = ["offer-expired", "lease-expired", "lease-lost"];

/** The contract's answer; an expiry is whichever of the three the state has. */
function wanted(from: JobState, event: JobEvent): JobState {
  const events = SWEEPS.includes(event) ? SWEEPS : [event];
  return events.flatMap((e) => nextJobState(from, e) ?? []).at(0) ?? from;
}

describe("every state and every event", () => {
  it.each(Object.values(JobState))("%s moves as the contract's table says", async (from) => {
    for (const event of Object.values(JobEvent)) {
      const job = await jobIn(from);
      await DO[event](job);
      const [row] = await server.platform.db.sql.query<{ state: string; epoch: number }>(
        "SELECT state, epoch FROM job WHERE id = $1",
        [job.job],
      );
      expect({ event, state: row?.state }).toEqual({ event, state: wanted(from, event) });
      const grown = event === "acquire" && from === "OFFERED";
      expect(row?.epoch).toBe(grown ? EPOCH + 1 : EPOCH);
    }
  });

  it("keeps count of the units that its order has used", async () => {
    expect(await repairUsed(server.platform.db.sql)).toEqual([]);
  });

  it("holds for a stale epoch too: nothing moves", async () => {
    const { db } = server.platform;
    for (const state of [JobState.Leased, JobState.Running]) {
      const job = await jobIn(state);
      await db.sql.execute("UPDATE job SET epoch = 9 WHERE id = $1", [job.job]);
      await DO.start(job);
      await DO["result-pass"](job);
      await DO.cancel(job);
      expect(await leaseRepository(db).renew(job.station.id, job.job, EPOCH)).toBeNull();
      const [row] = await db.sql.query("SELECT state, epoch FROM job WHERE id = $1", [job.job]);
      expect(row).toEqual({ state, epoch: 9 });
    }
  });
});
