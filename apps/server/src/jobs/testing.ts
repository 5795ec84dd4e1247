import { createHash } from "node:crypto";
import {
  type AttemptResult,
  FlashlineError,
  type HostFingerprint,
  type LeasedJob,
  RefusedError,
} from "@flashline/contract";
import { keyIdOf } from "@flashline/signing";
import { newId } from "../ids.ts";
import { eventually } from "../testing/refusal.ts";
import type { SeededStation } from "../testing/seed.ts";
import type { TestClient, TestServer } from "../testing/server.ts";

/** Where a station's nest hangs; every station has one controller unless `pciAddress` says otherwise. */
export function fingerprint(
  station: SeededStation,
  nest: string,
  place: {
    pciAddress?: string;
    vendorDevice?: string;
    hub?: boolean;
    kind?: string;
    tt?: string;
  } = {},
): HostFingerprint {
  const { kind = "xhci", tt = "single" } = place;
  const hub = { vendorProduct: "05e3:0608", port: 1, tt, speed: "high" };
  return {
    machine: station.machine,
    controller: {
      pciAddress: place.pciAddress ?? "0000:00:14.0",
      vendorDevice: place.vendorDevice ?? "8086:a36d",
      driver: "xhci_hcd",
      kind,
    },
    hubs: place.hub === true ? [hub] : [],
    portPath: station.nests.find(({ name }) => name === nest)?.portPath ?? "9-9",
    speed: "full",
    os: "Linux 6.1",
  };
}

export interface Attempt {
  readonly job: Pick<
    LeasedJob,
    "jobId" | "epoch" | "images" | "dirty" | "manifest" | "signature" | "version"
  >;
  readonly attemptId: string;
  readonly host: HostFingerprint;
}

/** A PASS of the attempt; `change` makes it something else. */
export function resultOf(
  { job, attemptId, host }: Attempt,
  change: Readonly<Record<string, unknown>> = {},
): AttemptResult & Record<string, unknown> {
  const [image] = job.images;
  return {
    attemptId,
    jobId: job.jobId,
    epoch: job.epoch,
    outcome: "PASS",
    code: null,
    blame: null,
    touched: true,
    linkIncident: false,
    incidents: [],
    profile: "standard",
    startProfile: "standard",
    bytes: 8192,
    durationMs: 1234.5,
    phaseMs: { erase: 400, write: 500, verify: 334.5 },
    erasedSectors: 1,
    skippedSectors: 0,
    chip: "STM32F407",
    chipMatch: "class",
    chipEvidence: ["layout string"],
    imageSha256: image === undefined ? [] : [image.sha256],
    manifestSha256: createHash("sha256").update(job.manifest, "base64").digest("hex"),
    keyId: keyIdOf(job.signature),
    host,
    virtual: false,
    usbSerial: "357B34843039",
    startedAt: new Date(Date.now() - 1300).toISOString(),
    finishedAt: new Date(Date.now() - 60).toISOString(),
    reportedAt: new Date(Date.now() - 50).toISOString(),
    offline: false,
    agentVersion: "0.1.0",
    ...change,
  };
}

/** Body of a FAIL by the host's fault, after the first erase. */
export const LINK_FAILURE = {
  outcome: "FAIL",
  code: "link.budget",
  blame: "host",
  phase: "write",
  linkIncident: true,
  incidents: [{ code: "link.timeout", phase: "write", atMs: 12, detail: "no answer" }],
} as const;

/** An ordered job is there by then. */
const LEASED_MS = 14_000;

/** What a station does with its units, over the server's own endpoints. */
export function lineOf(
  server: TestServer,
  station: SeededStation = server.seed.station,
  call: TestClient = server.station(station),
) {
  async function acquire(nest: string, waitMs = 15_000): Promise<LeasedJob | null> {
    return (await call("acquire", { body: { freeNests: [nest], waitMs } })).body;
  }
  async function order(serial: string, nest = "A"): Promise<string> {
    const jobId = newId();
    await call("createJob", { body: { jobId, serial, nest } });
    return jobId;
  }
  async function lease(serial: string, nest = "A"): Promise<LeasedJob> {
    await order(serial, nest);
    const until = performance.now() + LEASED_MS;
    // A request that waits ends with nothing when the station's setup has changed, and the station asks again.
    for (let job = await acquire(nest); ; job = await acquire(nest)) {
      if (job !== null) return job;
      if (performance.now() > until)
        throw new FlashlineError("job.not_found", `No job for ${serial}.`);
    }
  }
  async function start(job: LeasedJob, host = fingerprint(station, job.nest)): Promise<Attempt> {
    const attemptId = newId();
    await call("start", {
      params: { id: job.jobId },
      body: { epoch: job.epoch, attemptId, host, virtual: false },
    });
    return { job, attemptId, host };
  }
  const report = (attempt: Attempt, body: object) =>
    call("result", {
      params: { id: attempt.attemptId },
      body: Buffer.from(JSON.stringify(body)),
    });
  async function flash(
    serial: string,
    change: Readonly<Record<string, unknown>> = {},
    nest = "A",
    place: Parameters<typeof fingerprint>[2] = {},
  ): Promise<Attempt> {
    const attempt = await start(await lease(serial, nest), fingerprint(station, nest, place));
    await report(attempt, resultOf(attempt, change));
    return attempt;
  }
  return { call, acquire, order, lease, start, report, flash };
}

/** The code with which a call was refused, or "accepted". */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal.code;
    throw error;
  }
}

export async function stateOf(server: TestServer, jobId: string): Promise<string> {
  const [row] = await server.platform.db.sql.query<{ state: string }>(
    "SELECT state FROM job WHERE id = $1",
    [jobId],
  );
  return row?.state ?? "missing";
}

/** Orders a unit at a server that dies between the commit and the offer: the job stands in the outbox. */
export async function orderAndDie(server: TestServer, serial: string): Promise<string> {
  const jobId = await lineOf(server).order(serial);
  await eventually(
    () => stateOf(server, jobId),
    (state) => state === "OFFERED",
  );
  const { sql } = server.platform.db;
  await sql.execute("UPDATE job SET state = 'QUEUED' WHERE id = $1", [jobId]);
  await sql.execute("INSERT INTO outbox (queue, key, payload) VALUES ('flash', $1, $2)", [
    `flash-${jobId}`,
    JSON.stringify({ jobId }),
  ]);
  return jobId;
}
