import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttemptResult, FlashlineError, type LeasedJob } from "@flashline/contract";
import { generateKeyPair, publicKeyOf, signMinisig } from "@flashline/signing";
import type { UnitSource } from "@flashline/usb-host";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFixture } from "../hooks/fixture.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { NO_LABELS } from "../labels/testing.ts";
import { serverLink } from "../server/link.ts";
import { createBoard } from "../station/board.ts";
import { setupOf, unitOn } from "../station/testing.ts";
import { transcriptStore } from "../transcripts/store.ts";
import { imageCache } from "./image-cache.ts";
import { createJobRunner } from "./job-runner.ts";
import { fileSnapshots } from "./snapshots.ts";
import { unwrittenResults } from "./unwritten.ts";

const JOB = "019f0000-0000-7000-8000-000000000001";
const log = pino({ level: "silent" });
const firmware = generateKeyPair();
const image = Buffer.alloc(0x400, 0x5a);
const sha256 = createHash("sha256").update(image).digest("hex");
const images = [{ name: "app.bin", sha256, size: image.length, address: 0x0800_0000 }];

function job(): LeasedJob {
  const content = { schema: 1, product: "MC-2", chip: "STM32F072", version: "1", counter: 1 };
  const manifest = Buffer.from(JSON.stringify({ ...content, images, recipe: { leave: false } }));
  return {
    jobId: JOB,
    nest: "1",
    serial: "MC2-000001",
    epoch: 1,
    leaseMs: 60_000,
    dirty: true,
    product: "MC-2",
    boardRevision: null,
    virtualAllowed: true,
    workOrder: "WO-1",
    version: "1",
    images,
    values: {},
    secrets: {},
    manifest: manifest.toString("base64"),
    signature: signMinisig(manifest, firmware.secretKey, { trustedComment: "test" }),
  };
}

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-unwritten-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

it("a result that the full disk did not take is written once there is room, as the FAIL that its nest shows, and its grant may go back", async () => {
  let isFull = true;
  const full = (): Promise<void> => Promise.reject(new FlashlineError("agent.journal"));
  const onFullDisk: Journal = {
    ...journal,
    result: (...entry) => (isFull ? full() : journal.result(...entry)),
  };
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: partByName("f072"), clock });
  const source: UnitSource = {
    list: () => Promise.resolve([]),
    watch: () => ({ close: () => Promise.resolve() }),
    open: () => Promise.resolve(attachInProcess(unit)),
    close: () => Promise.resolve(),
  };
  const link = serverLink({ baseUrl: "http://127.0.0.1:9" });
  const board = createBoard(() => clock.now());
  board.applySetup(setupOf({ nests: [{ name: "1", portPath: "1-1", enabled: true }] }));
  board.onUnits([unitOn("1-1")]);
  board.dispatch("1", { event: "scanned", serial: "MC2-000001" });
  board.dispatch("1", { event: "allowed", serial: "MC2-000001" });
  board.dispatch("1", { event: "ordered", jobId: JOB });
  const cache = imageCache(join(folder, "images"), 1 << 20);
  await cache.put(sha256, image);
  const { signal } = new AbortController();
  let wakes = 0;
  const wake = (): void => {
    wakes += 1;
  };
  const runner = createJobRunner({
    board,
    delivery: { wake },
    labels: NO_LABELS,
    giveBackOptions: { link, journal, log, signal },
    tools: {
      link,
      clock,
      log,
      cache,
      source,
      labels: NO_LABELS,
      journal: onFullDisk,
      unwritten: unwrittenResults({ journal: onFullDisk, log, signal, onWritten: wake }),
      pinnedKeys: () => Promise.resolve([publicKeyOf(firmware.secretKey)]),
      fixture: createFixture({}, log),
      place: () => ({ station: "L3-07", plant: "Graz" }),
      snapshots: fileSnapshots(join(folder, "snapshots"), log),
      transcripts: transcriptStore(join(folder, "transcripts"), { log, onKept: () => undefined }),
    },
  });
  let ended = 0;
  const granted = job();
  runner.take(granted, {
    job: granted,
    use: () => ({ id: JOB, place: 1, at: new Date().toISOString() }),
    now: () => Date.now(),
    mustHold: () => undefined,
    free: () => Promise.resolve(),
    ended() {
      ended += 1;
    },
  });
  await runner.idle();
  expect(board.nest("1")).toMatchObject({ state: "fail", refusal: { code: "agent.journal" } });
  expect([journal.open().length, ended, wakes]).toEqual([1, 1, 1]);
  isFull = false;
  await expect.poll(() => journal.undelivered().length).toBe(1);
  expect([journal.open().length, wakes]).toEqual([0, 2]);
  const [written] = journal.undelivered();
  expect(written?.summary).toMatchObject({ outcome: "FAIL", code: "agent.journal" });
  expect(AttemptResult.parse(JSON.parse(written?.body ?? ""))).toMatchObject({
    outcome: "FAIL",
    code: "agent.journal",
    blame: "system",
    touched: true,
    grant: { id: JOB, place: 1, serial: "MC2-000001" },
  });
});
