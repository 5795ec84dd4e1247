import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeasedJob } from "@flashline/contract";
import { type AttachedUnit, pcClock, usbIpUnits } from "@flashline/usb-host";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFixture } from "../hooks/fixture.ts";
import type { HookCommands } from "../hooks/hooks-file.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { NO_LABELS } from "../labels/testing.ts";
import { serverLink } from "../server/link.ts";
import { createBoard } from "../station/board.ts";
import type { TakenPlace } from "../station/granted.ts";
import { transcriptStore } from "../transcripts/store.ts";
import { imageCache } from "./image-cache.ts";
import { createJobRunner } from "./job-runner.ts";
import { fileSnapshots } from "./snapshots.ts";

const JOB = "019f0000-0000-7000-8000-000000000001";
const log = pino({ level: "silent" });
const unit: AttachedUnit = {
  portPath: "1-1",
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdDevice: 0x2200,
  serial: "357B34843039",
  product: "STM32 BOOTLOADER",
  deviceNumber: 4,
  virtual: true,
  host: {
    machine: "m",
    controller: { pciAddress: "p", vendorDevice: "1:2", driver: "d", kind: "virtual" },
    hubs: [],
    portPath: "1-1",
    speed: "full",
    os: "Linux",
  },
};

let folder: string;
let journal: Journal;
let server: Server;
let givenBack: Record<string, unknown>[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-runner-"));
  journal = await openJournal(folder);
  givenBack = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      givenBack.push({ url: request.url, ...JSON.parse(body) });
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jobId: JOB, state: "CANCELLED" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await journal.close();
  await rm(folder, { recursive: true });
});

/** A runner whose nest 1 waits for the job of MC2-000001. */
function prepared(hooks: HookCommands = {}) {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  const clock = pcClock();
  const board = createBoard(() => clock.now());
  board.applySetup({
    stationId: JOB,
    station: "L3-01",
    line: "L3",
    plant: "Graz",
    timeZone: "UTC",
    nests: [{ name: "1", portPath: "1-1", enabled: true }],
    workOrder: null,
    workOrders: [],
    calls: [],
    grants: null,
  });
  board.onUnits([unit]);
  board.dispatch("1", { event: "scanned", serial: "MC2-000001" });
  board.dispatch("1", { event: "allowed", serial: "MC2-000001" });
  board.dispatch("1", { event: "ordered", jobId: JOB });
  let wakes = 0;
  const runner = createJobRunner({
    board,
    delivery: {
      wake() {
        wakes++;
      },
    },
    labels: NO_LABELS,
    giveBackOptions: { link, journal, log, signal: new AbortController().signal },
    tools: {
      unwritten: { keep: () => undefined },
      link,
      journal,
      clock,
      log,
      pinnedKeys: () => Promise.resolve([]),
      fixture: createFixture(hooks, log),
      place: () => ({ station: "L3-01", plant: "Graz" }),
      cache: imageCache(join(folder, "images"), 1),
      snapshots: fileSnapshots(join(folder, "snapshots"), log),
      transcripts: transcriptStore(join(folder, "transcripts"), { log, onKept: () => undefined }),
      labels: NO_LABELS,
      source: usbIpUnits({ host: "127.0.0.1", port: 1 }),
    },
  });
  return { board, runner, wakes: () => wakes };
}

const jobFor = (serial: string): LeasedJob => ({
  jobId: JOB,
  nest: "1",
  serial,
  epoch: 3,
  leaseMs: 60_000,
  dirty: false,
  product: "MC-2",
  boardRevision: null,
  virtualAllowed: true,
  workOrder: "WO-1",
  version: "1",
  manifest: "",
  signature: "",
  images: [],
  values: {},
  secrets: {},
});

it("asks for the delivery of results when a job has ended, however it did", async () => {
  const { board, runner, wakes } = prepared();
  runner.take(jobFor("MC2-000001"));
  await runner.idle();
  expect(board.nest("1")).toMatchObject({ state: "refused" });
  expect(wakes()).toBe(1);
  await expect.poll(() => givenBack).toMatchObject([{ epoch: 3 }]);
});

it("gives a job back whose serial is not the one that was scanned: it would go into the unit", async () => {
  const { board, runner } = prepared();
  runner.take(jobFor("MC2-000002"));
  await expect
    .poll(() => givenBack)
    .toMatchObject([
      {
        url: `/v1/agent/jobs/${JOB}/cancel`,
        epoch: 3,
        code: "attempt.cancelled",
        message: "Another serial was scanned at the nest.",
      },
    ]);
  expect(runner.running).toBe(0);
  expect(board.nest("1")).toMatchObject({ state: "refused", serial: "MC2-000001" });
});

it("frees the place of a grant whose unit was not touched, and asks no server", async () => {
  const { board, runner } = prepared();
  let freed = 0;
  const place: TakenPlace = {
    job: jobFor("MC2-000001"),
    use: () => ({ id: JOB, place: 1, at: new Date().toISOString() }),
    now: () => Date.now(),
    mustHold: () => undefined,
    free() {
      freed += 1;
      return Promise.resolve();
    },
    ended: () => undefined,
  };
  runner.take(place.job, place);
  await runner.idle();
  expect(board.nest("1")).toMatchObject({ state: "refused" });
  await expect.poll(() => freed).toBe(1);
  expect(journal.open()).toEqual([]);
  expect(givenBack).toEqual([]);
});
