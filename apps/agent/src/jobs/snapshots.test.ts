import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf, SUMMARY } from "../journal/testing.ts";
import { fileSnapshots, type Snapshots, snapshotName } from "./snapshots.ts";

const ID = "019f0000-0000-7000-8000-00000000000";
const DAY_MS = 24 * 3_600_000;

let folder: string;
let journal: Journal;
let snapshots: Snapshots;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-snapshots-"));
  journal = await openJournal(folder);
  snapshots = fileSnapshots(join(folder, "snapshots"), pino({ level: "silent" }));
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

/** A snapshot that was made 100 days ago in an attempt that came as far as this. */
async function attempt(n: number, reached: "touched" | "reported" | "settled"): Promise<string> {
  const attemptId = `${ID}${n}`;
  const snapshot = snapshotName("MC-2", `MC2-${n}`);
  await journal.intent({ ...intentOf(attemptId), snapshot });
  await journal.touched(attemptId);
  await snapshots.save(snapshot, Uint8Array.of(n));
  const result = { ...SUMMARY, outcome: "FAIL" as const };
  if (reached !== "touched") await journal.result(attemptId, "{}", result);
  if (reached === "settled") await journal.settled(attemptId, "accepted");
  return snapshot;
}
async function age(days: number): Promise<void> {
  const then = new Date(Date.now() - days * DAY_MS);
  const path = join(folder, "snapshots");
  for (const file of await readdir(path)) await utimes(join(path, file), then, then);
}

it("forgets what is too old, but never the only copy of an attempt that is not finished", async () => {
  const running = await attempt(1, "touched");
  const waiting = await attempt(2, "reported");
  const reported = await attempt(3, "settled");
  await age(89);
  await snapshots.prune(journal, 90 * DAY_MS);
  expect(await snapshots.load(reported)).toEqual(Uint8Array.of(3));
  await age(91);
  await snapshots.prune(journal, 90 * DAY_MS);
  expect(await snapshots.load(reported)).toBeUndefined();
  expect(await snapshots.load(running)).toEqual(Uint8Array.of(1));
  expect(await snapshots.load(waiting)).toEqual(Uint8Array.of(2));

  // After a restart the journal still knows.
  await journal.close();
  journal = await openJournal(folder);
  await snapshots.prune(journal, 90 * DAY_MS);
  expect(await readdir(join(folder, "snapshots"))).toHaveLength(2);
  await journal.settled(`${ID}2`, "accepted");
  await snapshots.prune(journal, 90 * DAY_MS);
  expect(await snapshots.load(waiting)).toBeUndefined();
});

it("forgets what is left of a unit that has passed, whatever its age", async () => {
  const snapshot = await attempt(1, "settled");
  await snapshots.passed(snapshot);
  await snapshots.passed(snapshot);
  expect(await readdir(join(folder, "snapshots"))).toEqual([]);
});

it("keeps units of two products apart that have one serial, over a restart", async () => {
  await snapshots.save(snapshotName("FAN/../../2", "SN 1"), Uint8Array.of(4));
  const restarted = fileSnapshots(join(folder, "snapshots"), pino({ level: "silent" }));
  expect(await restarted.load(snapshotName("FAN/../../2", "SN 1"))).toEqual(Uint8Array.of(4));
  expect(await restarted.load(snapshotName("OTHER", "SN 1"))).toBeUndefined();
});

it("does without a folder, and with one that cannot be read", async () => {
  await snapshots.prune(journal, 0);
  await writeFile(join(folder, "file"), "");
  const broken = fileSnapshots(join(folder, "file", "below"), pino({ level: "silent" }));
  await broken.prune(journal, 0);
  await broken.passed("MC-2/MC2-1");
});
