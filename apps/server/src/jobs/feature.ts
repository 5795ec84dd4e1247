import { type AttemptResult, Blame } from "@flashline/contract";
import { onStationRevoked } from "../auth/feature.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { pacer } from "../pacing/pacer.ts";
import type { Platform } from "../platform.ts";
import { acquireService } from "./acquire.service.ts";
import { callOffHeld } from "./called-off.repository.ts";
import { hotRepository } from "./hot.repository.ts";
import { leaseRepository } from "./lease.repository.ts";
import { offerRepository } from "./offer.repository.ts";
import { offerService } from "./offer.service.ts";
import { orderRepository } from "./order.repository.ts";
import { orderService, type ScanGolden } from "./order.service.ts";
import { resultRepository } from "./result.repository.ts";
import { resultService } from "./result.service.ts";
import { runService } from "./run.service.ts";
import { signalsOn } from "./signals.ts";
import { RECOUNT_MS, SWEEP_MS } from "./timing.ts";
import { repairUsed } from "./used.repository.ts";

const BLAMES: ReadonlySet<string> = new Set(Object.values(Blame));

/** For metrics: an agent may have blames that this server does not know, and each would be a series of its own. */
const blameOf = ({ blame }: AttemptResult): string =>
  blame === null ? "" : BLAMES.has(blame) ? blame : "other";

/**
 * Jobs from scan to result: what agents ask, the `flash` queue's work, and the end of leases. `orderShort` hears of an order that lacks places which stations
 * keep.
 */
export function jobsFeature(
  app: App,
  { db, bus, log, meters, outages, queues, tracing, vault }: Platform,
  orderShort: (orderId: string) => void,
  scanGolden: ScanGolden,
): Feature<"flash"> & { readonly callOffHeld: () => Promise<void> } {
  const signals = signalsOn(bus, queues);
  const hot = hotRepository(db, vault);
  const notOffered = (err: unknown) => {
    if (!outages.note("database", err)) log.error({ err }, "jobs were not offered at once");
  };
  const offers = offerService(offerRepository(db), signals, notOffered, tracing);
  const orders = orderService(orderRepository(db), offers, signals, orderShort, scanGolden);
  const acquires = acquireService(hot, signals);
  const runs = runService(hot, leaseRepository(db), signals, pacer(db));
  const results = resultService(resultRepository(db), signals, (about) =>
    log.error(about, "a result contradicts its job: kept for review, not counted"),
  );

  /** 200: the same result again. 202: kept as evidence. */
  const count = (station: string, status: number, of: { outcome: string; blame: string }) => {
    if (status !== 200) meters.results.inc({ station, ...of, doubtful: String(status === 202) });
  };

  const stopListening = onStationRevoked(bus, (stationId) => acquires.endStation(stationId));

  route(app, "preflight", async ({ caller, body }) => ({
    status: 200,
    body: await orders.preflight(caller.stationId, body),
  }));
  route(app, "createJob", async ({ by, caller, body }) => {
    const { created, jobId, state } = await orders.create(caller.stationId, body, by);
    return { status: created ? 201 : 200, body: { jobId, state } };
  });
  route(
    app,
    "acquire",
    async ({ caller, body, signal }) => {
      const job = await acquires.acquire(caller.stationId, body.freeNests, body.waitMs, signal);
      return job === null ? { status: 204, body: null } : { status: 200, body: job };
    },
    { patient: true },
  );
  route(app, "start", async ({ by, caller, params, body }) => ({
    status: 200,
    body: await runs.start(caller.stationId, params.id, { ...body, by }),
  }));
  route(app, "renew", async ({ caller, params, body }) => ({
    status: 200,
    body: await runs.renew(caller.stationId, params.id, body.epoch),
  }));
  route(app, "cancelJob", async ({ by, caller, params, body }) => {
    await runs.cancel(caller.stationId, params.id, body, by);
    return { status: 200, body: { jobId: params.id, state: "CANCELLED" } };
  });
  route(
    app,
    "result",
    async ({ by, caller, params, body, rawBody }) => {
      const of = { by, stationId: caller.stationId, attemptId: params.id };
      const answer = await results.accept(of, body, rawBody);
      count(caller.name, answer.status, { outcome: body.outcome, blame: blameOf(body) });
      return answer;
    },
    {
      async onUnreadable({ by, caller, params, rawBody }, told) {
        const of = { by, stationId: caller.stationId, attemptId: params.id };
        const answer = await results.keepUnreadable(of, told, rawBody);
        count(caller.name, answer.status, { outcome: "unreadable", blame: "" });
        return answer;
      },
    },
  );

  const callOff = async (): Promise<void> => {
    for (const { jobId, stationId } of await callOffHeld(db.sql)) {
      signals.calledOff(jobId, stationId);
    }
  };

  return {
    callOffHeld: callOff,
    handlers: { flash: (jobs) => offers.offer(jobs) },
    tasks: [
      {
        name: "leases",
        everyMs: SWEEP_MS,
        async run() {
          await callOff();
          await runs.sweep();
        },
      },
      {
        name: "order-counts",
        everyMs: RECOUNT_MS,
        async run() {
          for (const wrong of await repairUsed(db.sql)) {
            log.error(wrong, "a work order's count of used units was wrong and is put right");
          }
        },
      },
    ],
    preClose: () => acquires.close(),
    close: stopListening,
  };
}
