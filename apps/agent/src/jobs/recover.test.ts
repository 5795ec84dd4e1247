import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf, SUMMARY } from "../journal/testing.ts";
import { newNest, serialOf, shownRefusal } from "../nests/nest.ts";
import { serverLink } from "../server/link.ts";
import { createBoard } from "../station/board.ts";
import { openSeenResults } from "../station/seen.ts";
import { recoverAttempts } from "./recover.ts";

const ID = "019f0000-0000-7000-8000-00000000000";
const FAIL = { ...SUMMARY, outcome: "FAIL", code: "flash.verify_mismatch" } as const;
const log = pino({ level: "silent" });

let folder: string;
let journal: Journal;
/** Places of grants. */
let freed: string[];
beforeEach(async () => {
  freed = [];
  folder = await mkdtemp(join(tmpdir(), "flashline-recover-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

async function attempt(n: number, summary: typeof SUMMARY): Promise<void> {
  await journal.intent(intentOf(`${ID}${n}`));
  await journal.touched(`${ID}${n}`);
  await journal.result(`${ID}${n}`, "{}", summary);
  await journal.settled(`${ID}${n}`, "accepted");
}

/** What the nest of another life of the agent begins with: killed, not stopped, so nothing was told to anybody. */
async function restarted() {
  await journal.close();
  journal = await openJournal(folder);
  const seen = await openSeenResults(join(folder, "seen.json"), log);
  // Nothing here is given back: no server is asked.
  const link = serverLink({
    baseUrl: "http://127.0.0.1:9",
    credential: "none",
    onChange: () => undefined,
  });
  const giveBack = { link, journal, log, signal: AbortSignal.abort() };
  const restored = await recoverAttempts(journal, seen, log, giveBack, (grantId, jobId) => {
    freed.push(`${grantId} ${jobId}`);
    return Promise.resolve();
  });
  const board = createBoard(() => 0);
  seen.watch(board, journal);
  board.applySetup(SETUP);
  for (const { nest, serial, refusal } of restored) {
    board.dispatch(nest, { event: "restored", serial, refusal });
  }
  const nest = board.nest("1") ?? newNest("1", "1-1");
  const shown = { state: nest.state, serial: serialOf(nest), code: shownRefusal(nest)?.code };
  return { board, seen, shown };
}

const SETUP = {
  stationId: `${ID}8`,
  station: "L3-07",
  line: "L3",
  plant: "Graz",
  timeZone: "UTC",
  nests: [{ name: "1", portPath: "1-1", enabled: true }],
  workOrder: null,
  workOrders: [],
  calls: [],
  grants: null,
};

it("shows a FAIL again that nobody has seen, and only until somebody has", async () => {
  await attempt(1, SUMMARY);
  await attempt(2, FAIL);
  const fail = { state: "fail", serial: "MC2-1", code: "flash.verify_mismatch" };
  expect((await restarted()).shown).toEqual(fail);
  // The journal is compacted at every start.
  const { board, seen, shown } = await restarted();
  expect(shown).toEqual(fail);
  board.dispatch("1", { event: "acknowledged" });
  await seen.idle();
  expect((await restarted()).shown).toMatchObject({ state: "empty" });

  await attempt(3, FAIL);
  expect((await restarted()).shown).toEqual(fail);
});

it("shows no PASS of before: what is on the port now may be another unit", async () => {
  await attempt(1, FAIL);
  await attempt(2, SUMMARY);
  expect((await restarted()).shown).toMatchObject({ state: "empty" });
});

it("shows an interrupted attempt until it was seen, over any number of starts", async () => {
  await journal.intent(intentOf(`${ID}1`));
  await journal.touched(`${ID}1`);
  const interrupted = { state: "fail", serial: "MC2-1", code: "attempt.interrupted" };
  expect((await restarted()).shown).toEqual(interrupted);
  expect((await restarted()).shown).toEqual(interrupted);
});

it("begins anew where what was seen cannot be read", async () => {
  await attempt(1, FAIL);
  await writeFile(join(folder, "seen.json"), "{ torn");
  const { board, seen, shown } = await restarted();
  expect(shown).toMatchObject({ state: "fail" });
  board.dispatch("1", { event: "acknowledged" });
  await seen.idle();
  expect(JSON.parse(await readFile(join(folder, "seen.json"), "utf8"))).toEqual({ 1: `${ID}1` });
});

it("frees the place of an attempt under a grant that touched nothing, and keeps that of one that had erased", async () => {
  const grant = { id: `${ID}g`, place: 2, at: "2026-11-29T10:00:00.000Z" };
  await journal.intent({ ...intentOf(`${ID}1`), grant });
  await journal.intent({ ...intentOf(`${ID}2`), grant: { ...grant, place: 3 } });
  await journal.touched(`${ID}2`);
  await restarted();
  expect(freed).toEqual([`${grant.id} ${intentOf(`${ID}1`).jobId}`]);
  expect(journal.get(`${ID}1`)?.settled ?? "cancelled").toBe("cancelled");
  const [waits] = journal.undelivered();
  const { serial, nest } = intentOf(`${ID}2`);
  const told = JSON.parse(waits?.body ?? "{}");
  expect(told).toMatchObject({ offline: true, code: "attempt.interrupted" });
  expect(told.grant).toEqual({ ...grant, place: 3, serial, nest });
});

it("a golden check that was cut off is a FAIL of its own kind, which no counter counts", async () => {
  await journal.intent({ ...intentOf(`${ID}7`, "GOLD-1"), golden: true });
  await journal.touched(`${ID}7`);
  await restarted();
  const [attempt] = journal.undelivered();
  expect(attempt?.summary).toMatchObject({ golden: true, code: "attempt.interrupted" });
  expect(JSON.parse(attempt?.body ?? "{}")).toMatchObject({ outcome: "FAIL", touched: true });
});
