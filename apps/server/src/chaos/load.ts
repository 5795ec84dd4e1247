import { setTimeout as pause } from "node:timers/promises";
import { createClient, type LeasedJob, RefusedError } from "@flashline/contract";
import { newId } from "../ids.ts";
import { type Attempt, fingerprint, resultOf } from "../jobs/testing.ts";
import type { SeededStation } from "../testing/seed.ts";

const ACQUIRE_WAIT_MS = 5_000;
const PAUSE_MS = 50;

const stationAt = (url: string, station: SeededStation) =>
  createClient<AbortSignal>({
    baseUrl: url,
    fetch,
    headers: () => ({
      authorization: `Bearer ${station.credential}`,
      "flashline-protocol": "1",
    }),
  });

const wanted = { freeNests: ["A"], waitMs: ACQUIRE_WAIT_MS };

interface PlacedOrder {
  /** Fetches the job and starts it, asking as rarely as an agent whose server was away. Milliseconds that it took. */
  fetched(): Promise<number>;
}

/** The longest pause of an agent between two tries to fetch a job, milliseconds. */
const AGENT_PAUSE_MS = 4_000;

/** Orders one job, which waits until it is fetched. */
export async function placeOrder(
  url: string,
  station: SeededStation,
  serial: string,
): Promise<PlacedOrder> {
  const call = stationAt(url, station);
  await call("createJob", { body: { jobId: newId(), serial, nest: "A" } });
  return {
    async fetched() {
      const began = performance.now();
      await pause(AGENT_PAUSE_MS);
      let job: LeasedJob | null = null;
      while (job === null) job = (await call("acquire", { body: wanted })).body;
      const attempt = { job, attemptId: newId(), host: fingerprint(station, "A") };
      const { attemptId, host } = attempt;
      const body = { epoch: job.epoch, attemptId, host, virtual: false };
      await call("start", { params: { id: job.jobId }, body });
      const took = performance.now() - began;
      const result = Buffer.from(JSON.stringify(resultOf(attempt)));
      await call("result", { params: { id: attemptId }, body: result });
      return took;
    },
  };
}

/** What stations saw while they worked. */
export interface Load {
  /** Results that the server acknowledged, by attempt. */
  readonly acknowledged: ReadonlySet<string>;
  /** Calls that were answered with a refusal, by status and code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** The longest that a call other than a long poll took to be answered or to fail, milliseconds. */
  longestCallMs(): number;
  /** The longest from an acknowledged order to the started job, milliseconds. What came before {@link Load.mark} does not count. */
  longestStartMs(): number;
  /** The fault is over: orders that wait, wait from now on. */
  mark(): void;
  /** Lets what is begun come to its end. Rejects when a station does not. */
  stop(): Promise<void>;
}

/** What a station's order may come to before its start, when a canary is paused: it goes on with its next unit. */
const CALLED_OFF = "CANCELLED";
const PAUSED = "release.canary_paused";

/** A call that takes longer has hung, milliseconds. */
const HUNG_MS = 60_000;

/** How a station's unit ends, beside a PASS. `unit`: the how manieth of the station, from 0. */
export type Ending = (
  job: Attempt["job"],
  station: number,
  unit: number,
) => Readonly<Record<string, unknown>>;
const passes: Ending = () => ({});

/**
 * Every station flashes one unit after the other at `url`, and repeats every call until it is answered for good. An answer is waited for
 * `patienceMs`, beside a long poll's own time: where the network may be lost, nothing else ends a call.
 */
export function startLoad(
  url: string,
  stations: readonly SeededStation[],
  salt: number,
  patienceMs = HUNG_MS,
  ending: Ending = passes,
): Load {
  const acknowledged = new Set<string>();
  const refusals = new Map<string, number>();
  let longestCall = 0;
  let longestStart = 0;
  let marked = 0;
  let stopping = false;

  async function asked<T>(
    work: (patience: AbortSignal) => Promise<T>,
    longPoll = false,
  ): Promise<T> {
    for (;;) {
      const began = performance.now();
      try {
        return await work(AbortSignal.timeout(patienceMs + (longPoll ? ACQUIRE_WAIT_MS : 0)));
      } catch (error) {
        if (error instanceof RefusedError) {
          const name = `${error.status} ${error.refusal.code}`;
          refusals.set(name, (refusals.get(name) ?? 0) + 1);
          if (error.status < 500) throw error;
        }
      } finally {
        if (!longPoll) longestCall = Math.max(longestCall, performance.now() - began);
      }
      await pause(PAUSE_MS);
    }
  }

  async function work(station: SeededStation, index: number): Promise<void> {
    const call = stationAt(url, station);
    for (let unit = 0; !stopping; unit += 1) {
      const serial = `SN${salt}${index}${String(unit).padStart(4, "0")}`;
      const body = { jobId: newId(), serial, nest: "A" };
      const order = async (signal: AbortSignal) =>
        (await call("createJob", { body }, signal)).body.state;
      const ask = async (signal: AbortSignal) =>
        (await call("acquire", { body: wanted }, signal)).body;
      let state: string = await asked(order);
      const ordered = performance.now();
      let job: LeasedJob | null = null;
      while (job === null && state !== CALLED_OFF) {
        job = await asked(ask, true);
        if (job === null) state = await asked(order);
      }
      if (job === null) continue;
      const attempt = { job, attemptId: newId(), host: fingerprint(station, "A") };
      const { attemptId, host } = attempt;
      const start = { epoch: job.epoch, attemptId, host, virtual: false };
      const of = { id: job.jobId };
      try {
        await asked((signal) => call("start", { params: of, body: start }, signal));
      } catch (error) {
        if (!(error instanceof RefusedError) || error.refusal.code !== PAUSED) throw error;
        const { code, message } = error.refusal;
        const given = { epoch: job.epoch, code, message };
        await asked((signal) => call("cancelJob", { params: of, body: given }, signal));
        continue;
      }
      longestStart = Math.max(longestStart, performance.now() - Math.max(ordered, marked));
      const told = resultOf(attempt, ending(job, index, unit));
      const result = { params: { id: attemptId }, body: Buffer.from(JSON.stringify(told)) };
      await asked((signal) => call("result", result, signal));
      acknowledged.add(attemptId);
    }
  }

  async function watch(): Promise<void> {
    while (!stopping) {
      await asked(async (signal) => {
        const { status } = await fetch(`${url}/readyz`, { signal });
        return status;
      });
      await pause(200);
    }
  }

  const running = Promise.all([...stations.map(work), watch()]);
  running.catch(() => undefined);
  return {
    acknowledged,
    refusals,
    longestCallMs: () => longestCall,
    longestStartMs: () => longestStart,
    mark() {
      longestStart = 0;
      marked = performance.now();
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}
