import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabelDeed } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Board, createBoard } from "../station/board.ts";
import { setupOf, unitOn } from "../station/testing.ts";
import { createLabels, type Labels } from "./labels.ts";
import { networkPrinter } from "./printer.ts";
import { type LabelStore, openLabelStore } from "./store.ts";
import { startZplPrinter, statusOf, type ZplPrinter } from "./zpl-printer.ts";

const log = pino({ level: "silent" });
const MIA = "019f0000-0000-7000-8000-00000000000a";
/** Nothing of a printer that answers is late, however busy the machine is. */
const TIMES = { waitMs: 10_000, statusMs: 10_000, settleMs: 30 };
const attemptOf = (nest: string): string => `019f0000-0000-7000-8000-00000000000${nest}`;

let folder: string;
let printer: ZplPrinter;
let board: Board;
let now: number;
let store: LabelStore;
let labels: Labels;
let needsBadge: boolean;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-labels-"));
  printer = await startZplPrinter();
  needsBadge = false;
  await start();
});
afterEach(async () => {
  await labels.stop();
  await printer.close();
  await rm(folder, { recursive: true });
});

/** A life of the agent; units wait in both nests. */
async function start({
  hasPrinter = true,
  hasPassed = (): boolean => true,
  times = TIMES,
} = {}): Promise<void> {
  now = 0;
  board = createBoard(() => now);
  const nests = ["1", "2"].map((name) => ({ name, portPath: `1-${name}`, enabled: true }));
  board.applySetup(setupOf({ nests }));
  board.onUnits([unitOn("1-1"), unitOn("1-2")]);
  store = await openLabelStore(folder, log);
  labels = createLabels({
    store,
    board,
    log,
    printer: hasPrinter ? networkPrinter(printer.address, times) : undefined,
    place: () => ({ station: "L3-07", timeZone: "Europe/Vienna" }),
    worker: () => ({ id: MIA, name: "Mia" }),
    needsBadge: () => needsBadge,
    notify: (message) => board.notify(message),
    onEntry: () => undefined,
    onChange: () => board.touch(),
  });
  await labels.restore(hasPassed);
}

const serialOf = (nest: string): string => `MC2-${nest}`;
/** A unit's job ends with PASS in the nest. */
async function pass(nest: string, code: string | null = serialOf(nest)): Promise<void> {
  const serial = serialOf(nest);
  const events = [
    { event: "scanned", serial },
    { event: "allowed", serial },
    { event: "ordered", jobId: nest },
    { event: "leased", jobId: nest },
  ] as const;
  for (const event of events) board.dispatch(nest, event);
  const zpl = `^XA^FD${serial}^FS^XZ`;
  const attemptId = attemptOf(nest);
  await labels.due({ attemptId, serial, nest, durationMs: 900 }, { zpl, code });
  const verdict = { kind: "pass" } as const;
  const end = { verdict, vanished: false, usbSerial: "", durationMs: 900 };
  board.dispatch(nest, { event: "finished", jobId: nest, ...end });
  labels.passed(attemptId);
}
const stageAt = (nest: string): string => {
  const is = board.nest(nest);
  return is?.state === "label" ? is.stage : (is?.state ?? "none");
};
const becomes = (nest: string, stage: string) => expect.poll(() => stageAt(nest)).toBe(stage);
const deedsOf = (nest: string): readonly LabelDeed[] =>
  (store.get(attemptOf(nest))?.entries ?? []).map(({ deed }) => deed);
const refusal = (): string | null => {
  const { notice } = board;
  return notice.key === "scan-refused" ? notice.code : null;
};

describe("the label of a unit that passed", () => {
  it("is printed once, and without a scan the nest is done", async () => {
    await pass("1", null);
    await becomes("1", "pass");
    expect(printer.jobs).toEqual(["^XA^FDMC2-1^FS^XZ"]);
    expect(deedsOf("1")).toEqual(["printed"]);
    expect(labels.takesScan(null)).toBe(false);
  });

  it("is scanned back; another unit's label is refused and recorded", async () => {
    await pass("1");
    await becomes("1", "scan");
    expect(labels.scanNest).toBe("1");
    labels.scan("mc2-2");
    expect(refusal()).toBe("label.other_code");
    labels.scan("MC2-12");
    expect(stageAt("1")).toBe("scan");
    labels.scan(" mc2-1 ");
    expect(stageAt("1")).toBe("pass");
    expect(deedsOf("1")).toEqual(["printed", "mixed", "mixed", "scanned"]);
    expect(store.get(attemptOf("1"))?.entries).toMatchObject([
      { n: 0, operator: null },
      { n: 1, scanned: "mc2-2", operator: MIA },
      {},
      { n: 3, scanned: null },
    ]);
  });

  it("waits while another one is in somebody's hand, and the nest takes no other unit", async () => {
    await pass("1");
    await pass("2");
    await becomes("1", "scan");
    expect(stageAt("2")).toBe("waiting");
    expect(printer.jobs).toHaveLength(1);
    board.onUnits([unitOn("1-1")]);
    now += 5000;
    board.onUnits([unitOn("1-1"), { ...unitOn("1-2"), deviceNumber: 9, serial: "other" }]);
    board.dispatch("2", { event: "scanned", serial: "MC2-99" });
    expect(stageAt("2")).toBe("waiting");
    labels.scan("MC2-1");
    await becomes("2", "scan");
    labels.scan("MC2-2");
    // The next unit is in already, and needs its own scan.
    expect(board.nest("2")).toMatchObject({ state: "present", last: null });
    expect(printer.jobs).toHaveLength(2);
  });

  it("keeps its nest from going off until it is done", async () => {
    await pass("1");
    await becomes("1", "scan");
    board.dispatch("1", { event: "enabled", enabled: false });
    expect(stageAt("1")).toBe("scan");
    labels.scan("MC2-1");
    expect(stageAt("1")).toBe("off");
  });
});

describe("a printer that takes no label", () => {
  it("is said, and tried again by OK; the label is printed once", async () => {
    printer.status = statusOf({ paperOut: true });
    await pass("1", null);
    await becomes("1", "trouble");
    expect(board.nest("1")).toMatchObject({ refusal: { code: "label.printer_not_ready" } });
    expect(labels.acknowledge("2")).toBe(false);
    expect(labels.acknowledge("1")).toBe(true);
    await becomes("1", "trouble");
    printer.status = statusOf();
    labels.ask("1");
    labels.acknowledge("1");
    // Nobody is asked any more about a label that is on its way.
    expect(labels.asked).toBeNull();
    await becomes("1", "pass");
    expect(printer.jobs).toHaveLength(1);
    expect(deedsOf("1")).toEqual(["printed"]);
  });

  it("does not hold the nest where a person says that the unit goes on", async () => {
    printer.manner = "resets";
    await pass("1");
    await becomes("1", "trouble");
    labels.ask("1");
    expect(labels.asked).toEqual({ serial: "MC2-1", nest: "1", printed: false });
    labels.decide("skip");
    expect(stageAt("1")).toBe("pass");
    expect(deedsOf("1")).toEqual(["skipped"]);
  });

  it("is not missed at a station without one", async () => {
    await start({ hasPrinter: false });
    await pass("1");
    expect(stageAt("1")).toBe("pass");
    expect(deedsOf("1")).toEqual(["no-printer"]);
  });
});

describe("a print that was cut off", () => {
  it("asks for a scan, and the scan ends it without a second label", async () => {
    printer.manner = "dies";
    await pass("1");
    await becomes("1", "doubtful");
    printer.manner = "prints";
    labels.scan("MC2-1");
    expect(stageAt("1")).toBe("pass");
    expect(printer.jobs).toEqual([]);
    expect(deedsOf("1")).toEqual(["doubtful", "scanned"]);
  });

  it("takes a label whose code nobody described, if it names the unit", async () => {
    printer.manner = "dies";
    await pass("1", null);
    await becomes("1", "doubtful");
    labels.scan("https://x.example/MC2-12");
    expect(stageAt("1")).toBe("doubtful");
    labels.scan("https://x.example/mc2-1?v=2");
    expect(stageAt("1")).toBe("pass");
  });

  it("prints again only for a reason", async () => {
    printer.manner = "closes-early";
    await pass("1");
    await becomes("1", "doubtful");
    printer.manner = "prints";
    labels.ask(null);
    labels.decide(null);
    expect(printer.jobs).toEqual([]);
    labels.ask(null);
    labels.decide("missing");
    await becomes("1", "scan");
    expect(deedsOf("1")).toEqual(["doubtful", "reprint", "printed"]);
    expect(store.get(attemptOf("1"))?.entries[1]).toMatchObject({
      reason: "No label came out",
      operator: MIA,
    });
  });

  it("is found by the next life of the agent", async () => {
    printer.manner = "hangs";
    // The life that ends waits for the printer no longer.
    await start({ times: { ...TIMES, waitMs: 2_000 } });
    await pass("1");
    await pass("2");
    await expect.poll(() => printer.received.some((text) => text !== "")).toBe(true);
    // The process ends here: nothing of this life may write any more.
    const lost = labels;
    const left = await readdir(folder);
    const files = await Promise.all(
      left.map(async (name) => [name, await readFile(join(folder, name))] as const),
    );
    await lost.stop();
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
    printer.manner = "prints";
    await start();
    expect(stageAt("1")).toBe("doubtful");
    expect(stageAt("2")).toBe("waiting");
    expect(printer.jobs).toEqual([]);
    labels.scan("MC2-1");
    await becomes("2", "scan");
    expect(printer.jobs).toEqual(["^XA^FDMC2-2^FS^XZ"]);
    expect(deedsOf("1")).toEqual(["doubtful", "scanned"]);
  });
});

describe("labels of an earlier life of the agent", () => {
  it("are printed if nothing was begun, and forgotten if their unit did not pass", async () => {
    await labels.due(
      { attemptId: attemptOf("1"), serial: "MC2-1", nest: "1", durationMs: 1 },
      { zpl: "^XA^FDMC2-1^FS^XZ", code: null },
    );
    await start({ hasPassed: () => false });
    expect(await readdir(folder)).toEqual([]);
    expect(printer.jobs).toEqual([]);
    await labels.due(
      { attemptId: attemptOf("2"), serial: "MC2-2", nest: "2", durationMs: 1 },
      { zpl: "^XA^FDMC2-2^FS^XZ", code: null },
    );
    await start();
    await expect.poll(() => printer.jobs).toEqual(["^XA^FDMC2-2^FS^XZ"]);
    await becomes("2", "present");
    await start();
    expect(stageAt("2")).toBe("present");
    expect(printer.jobs).toHaveLength(1);
  });

  it("do not come to light by a file that cannot be read, which stays", async () => {
    await writeFile(join(folder, "x.json"), "{");
    await start();
    expect(await readdir(folder)).toEqual(["x.json"]);
  });
});

describe("a label once more", () => {
  it("is printed for a unit that is long gone, by its serial and a reason", async () => {
    await pass("1", null);
    await becomes("1", "pass");
    board.onUnits([]);
    now += 20_000;
    board.tick();
    expect(stageAt("1")).toBe("empty");
    labels.ask(null);
    expect(labels.takesScan(null)).toBe(true);
    labels.scan("MC2-7");
    expect(refusal()).toBe("label.none");
    labels.ask(null);
    labels.scan("MC2-1");
    expect(labels.asked).toEqual({ serial: "MC2-1", nest: null, printed: true });
    labels.decide("damaged");
    await expect.poll(() => deedsOf("1")).toEqual(["printed", "reprint", "printed"]);
    await expect.poll(() => board.notice.key).toBe("label-again");
    expect(stageAt("1")).toBe("empty");
    await start();
    expect(stageAt("1")).toBe("present");
    expect(printer.jobs).toHaveLength(2);
  });

  it("that the printer does not take is not recorded, and holds up nobody", async () => {
    await pass("1", null);
    await becomes("1", "pass");
    printer.manner = "resets";
    labels.ask(null);
    labels.scan("MC2-1");
    labels.decide("lost");
    await expect.poll(refusal).toBe("label.printer_away");
    printer.manner = "prints";
    await pass("2", null);
    await becomes("2", "pass");
    expect(deedsOf("1")).toEqual(["printed"]);
  });

  it("is somebody's word: where nobody works without a badge, nobody is asked without", async () => {
    await pass("1");
    await becomes("1", "scan");
    needsBadge = true;
    labels.ask("1");
    expect(labels.asked).toBeNull();
    expect(board.notice).toMatchObject({ key: "nobody-logged-in", kind: "refused" });
    needsBadge = false;
    labels.ask("1");
    expect(labels.asked).toMatchObject({ serial: "MC2-1" });
  });

  it("ends at some number", async () => {
    await pass("1", null);
    await becomes("1", "pass");
    for (let n = 0; n < 50; n += 1) await store.enter(attemptOf("1"), { deed: "reprint" });
    labels.ask(null);
    labels.scan("MC2-1");
    labels.decide("lost");
    expect(refusal()).toBe("label.too_often");
    expect(printer.jobs).toHaveLength(1);
  });
});

describe("old labels", () => {
  it("go once the server has all of them, and no sooner", async () => {
    await pass("1", null);
    await becomes("1", "pass");
    await pass("2");
    await becomes("2", "scan");
    const later = new Date(Date.now() + 1000).toISOString();
    await labels.prune(later);
    expect(store.all()).toHaveLength(2);
    await store.delivered(attemptOf("1"), 1);
    await store.delivered(attemptOf("2"), 1);
    await labels.prune(later);
    expect((await openLabelStore(folder, log)).all().map(({ serial }) => serial)).toEqual([
      "MC2-2",
    ]);
  });
});
