import { setMaxListeners } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError, type LeasedJob } from "@flashline/contract";
import { fingerprint, newId, resultOf, type SeededStation } from "@flashline/server/testing";
import type { LoadFigures } from "./figures.ts";

const NEST = "A";
const WAIT_MS = 20_000;

/** A station as the server sees it: calls over connections that it keeps. */
interface Caller {
  call(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<unknown>;
  close(): void;
}

/** How long a station waits after a 503 before it asks again, milliseconds. */
const AGAIN_MS = 100;
const AGAIN = Symbol("again");
let repeats = 0;
/** Answers 503 since the last call of this: a server that is not there for everybody. */
export function takeRepeats(): number {
  const taken = repeats;
  repeats = 0;
  return taken;
}

/**
 * Asks again after a 503, as agents do. Rejects with `internal.bug` where the server refuses: the bench asks for nothing that may be
 * refused.
 */
function callerAt(url: string, { credential }: SeededStation): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `Bearer ${credential}`,
    "flashline-protocol": "1",
    "content-type": "application/json",
  };
  const once: Caller["call"] = (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const asked = request(
        {
          agent,
          hostname,
          port,
          method,
          path,
          headers: { ...headers, "content-length": Buffer.byteLength(text) },
          ...(signal === undefined ? {} : { signal }),
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("error", reject);
          answer.once("end", () => {
            const said = Buffer.concat(parts).toString();
            const status = answer.statusCode ?? 0;
            if (status < 300) resolve(said === "" ? null : JSON.parse(said));
            else if (status === 503) resolve(AGAIN);
            else reject(new FlashlineError("internal.bug", `${path}: ${status} ${said}`));
          });
        },
      );
      asked.on("error", reject);
      asked.end(text);
    });
  return {
    async call(method, path, body, signal) {
      for (;;) {
        const answer = await once(method, path, body, signal);
        if (answer !== AGAIN) return answer;
        repeats += 1;
        await pause(AGAIN_MS);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Waits for a job as an agent does whose nest is free. */
async function waitForJob(caller: Caller): Promise<LeasedJob> {
  for (;;) {
    const body = { freeNests: [NEST], waitMs: WAIT_MS };
    const job = await caller.call("POST", "/v1/agent/jobs/acquire", body);
    if (job !== null) return job as LeasedJob;
  }
}

let serials = 0;

interface UnitTimes {
  readonly inHand: number;
  readonly acknowledged: number;
}

/** One unit, as an agent takes it from scan to acknowledged result. Its request for a job waits before the scan. */
async function flashUnit(caller: Caller, station: SeededStation): Promise<UnitTimes> {
  serials += 1;
  const serial = `SN${String(serials).padStart(8, "0")}`;
  const waiting = waitForJob(caller);
  // Where an earlier request is refused, that one is told.
  waiting.catch(() => undefined);
  await caller.call("POST", "/v1/agent/preflight", { serial, nest: NEST });
  const ordered = performance.now();
  await caller.call("POST", "/v1/agent/jobs", { jobId: newId(), serial, nest: NEST });
  const job = await waiting;
  const inHand = performance.now() - ordered;
  const attempt = { job, attemptId: newId(), host: fingerprint(station, NEST) };
  const { attemptId, host } = attempt;
  const start = { epoch: job.epoch, attemptId, host, virtual: false };
  await caller.call("POST", `/v1/agent/jobs/${job.jobId}/start`, start);
  const result = resultOf(attempt);
  const reported = performance.now();
  await caller.call("PUT", `/v1/agent/attempts/${attemptId}/result`, result);
  return { inHand, acknowledged: performance.now() - reported };
}

/**
 * Lets every station flash one unit after the other for `seconds`, or all together `rate` units a second. Stations are shared
 * out among the servers at `urls`. Rejects when the server refuses anything.
 */
export async function flashFor(
  urls: readonly string[],
  stations: readonly SeededStation[],
  seconds: number,
  rate?: number,
): Promise<LoadFigures> {
  const times: UnitTimes[] = [];
  const periodMs = rate === undefined ? 0 : (stations.length / rate) * 1000;
  const began = performance.now();
  const endsAt = began + seconds * 1000;
  await Promise.all(
    stations.map(async (station, index) => {
      const caller = callerAt(urls[index % urls.length] ?? "", station);
      let due = began + (periodMs * index) / stations.length;
      try {
        while (performance.now() < endsAt) {
          const early = due - performance.now();
          if (early > 0) await pause(early);
          if (performance.now() >= endsAt) break;
          times.push(await flashUnit(caller, station));
          due = Math.max(due + periodMs, performance.now() - periodMs);
        }
      } finally {
        caller.close();
      }
    }),
  );
  return {
    units: times.length,
    seconds: (performance.now() - began) / 1000,
    inHand: times.map(({ inHand }) => inHand),
    acknowledged: times.map(({ acknowledged }) => acknowledged),
  };
}

/** Every station waits for a job for `seconds`, and gets none. */
export async function waitFor(
  url: string,
  stations: readonly SeededStation[],
  seconds: number,
): Promise<void> {
  const over = AbortSignal.timeout(seconds * 1000);
  setMaxListeners(0, over);
  await Promise.all(
    stations.map(async (station) => {
      const caller = callerAt(url, station);
      const body = { freeNests: [NEST], waitMs: WAIT_MS };
      while (!over.aborted) {
        await caller.call("POST", "/v1/agent/jobs/acquire", body, over).catch((error: unknown) => {
          if (!over.aborted) throw error;
        });
      }
      caller.close();
    }),
  );
}
