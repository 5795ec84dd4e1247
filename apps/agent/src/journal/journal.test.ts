import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalEntry } from "./entry.ts";
import { journalPath } from "./file.ts";
import { openJournal } from "./journal.ts";
import { decodeJournal, encodeLine } from "./line.ts";
import { intentOf, SUMMARY } from "./testing.ts";

const ID = "019f0000-0000-7000-8000-00000000000";
const intent = (n: number) => intentOf(`${ID}${n}`);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-journal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("journal", () => {
  it("tells after a restart what is open, what waits, and what was settled", async () => {
    const first = await openJournal(folder);
    for (const n of [1, 2, 3]) await first.intent(intent(n));
    await first.touched(`${ID}1`);
    await first.result(`${ID}2`, '{"exact": "bytes ü"}', SUMMARY);
    await first.result(`${ID}3`, "{}", SUMMARY);
    await first.settled(`${ID}3`, "accepted");
    await first.close();

    const second = await openJournal(folder);
    expect(second.open()).toMatchObject([{ attemptId: `${ID}1`, touched: true }]);
    expect(second.undelivered()).toMatchObject([{ body: '{"exact": "bytes ü"}' }]);
    expect(second.finished().map((attempt) => attempt.attemptId)).toEqual([`${ID}2`, `${ID}3`]);
    await second.close();
  });

  it("gives one that is sent once more its old place, before and after a restart", async () => {
    const journal = await openJournal(folder);
    for (const n of [1, 2, 3]) {
      await journal.intent(intent(n));
      await journal.result(`${ID}${n}`, "{}", SUMMARY);
    }
    await journal.settled(`${ID}1`, "refused");
    const again = { attemptId: `${ID}1`, body: "{}", summary: SUMMARY, endedAt: "2026-01-01" };
    await journal.again(again);
    const waiting = (of: typeof journal) => of.undelivered().map(({ attemptId }) => attemptId);
    expect(waiting(journal)).toEqual([`${ID}1`, `${ID}2`, `${ID}3`]);
    await journal.settled(`${ID}2`, "accepted");
    await journal.close();
    const reopened = await openJournal(folder);
    expect(waiting(reopened)).toEqual([`${ID}1`, `${ID}3`]);
    await reopened.close();
  });

  it("tells the same list of what has ended until another one has", async () => {
    const journal = await openJournal(folder);
    await journal.intent(intent(1));
    await journal.result(`${ID}1`, "{}", SUMMARY);
    const before = journal.finished();
    await journal.intent(intent(2));
    expect(journal.finished()).toBe(before);
    await journal.settled(`${ID}1`, "accepted");
    expect(journal.finished()).toMatchObject([{ settled: "accepted" }]);
    await journal.result(`${ID}2`, "{}", SUMMARY);
    expect(journal.finished()).toHaveLength(2);
    await journal.close();
  });

  it("cuts a torn tail at every byte and goes on after it", async () => {
    const journal = await openJournal(folder);
    await journal.intent(intent(1));
    await journal.close();
    const whole = await readFile(journalPath(folder));
    const next = encodeLine({ entry: "touched", at: "t", attemptId: `${ID}1` });
    for (let cut = 1; cut < next.length; cut += 7) {
      await writeFile(journalPath(folder), Buffer.concat([whole, Buffer.from(next.slice(0, cut))]));
      const reopened = await openJournal(folder);
      expect(reopened.open()).toMatchObject([{ touched: false }]);
      await reopened.touched(`${ID}1`);
      await reopened.close();
      const again = await openJournal(folder);
      expect(again.open()).toMatchObject([{ touched: true }]);
      expect(again.damaged).toBe(0);
      await again.close();
    }
  });

  it("keeps a copy of a damaged file, and all its whole lines", async () => {
    const journal = await openJournal(folder);
    await journal.intent(intent(1));
    await journal.intent(intent(2));
    await journal.close();
    const bytes = await readFile(journalPath(folder));
    bytes[40] = (bytes[40] ?? 0) ^ 0x01;
    await writeFile(journalPath(folder), bytes);
    const reopened = await openJournal(folder);
    expect(reopened.damaged).toBe(1);
    expect(reopened.open().map((attempt) => attempt.attemptId)).toEqual([`${ID}2`]);
    await reopened.close();
    const copies = (await readdir(folder)).filter((name) => name.includes(".damaged-"));
    expect(copies).toHaveLength(1);
    expect(await readFile(join(folder, copies[0] ?? ""))).toEqual(bytes);
  });

  it("compacts settled attempts to the day's summaries and forgets them after it", async () => {
    let now = Date.parse("2026-11-22T06:00:00Z");
    const journal = await openJournal(folder, { now: () => now, compactAfter: 2 });
    for (const n of [1, 2, 3]) {
      await journal.intent(intent(n));
      await journal.result(`${ID}${n}`, "x".repeat(5000), SUMMARY);
    }
    await journal.settled(`${ID}1`, "accepted");
    await journal.settled(`${ID}2`, "late");
    expect((await readFile(journalPath(folder))).length).toBeLessThan(8000);
    expect(journal.undelivered()).toHaveLength(1);
    expect(journal.finished()).toHaveLength(3);
    await journal.close();
    now += 48 * 3600_000;
    const later = await openJournal(folder, { now: () => now });
    expect(later.finished().map((attempt) => attempt.attemptId)).toEqual([`${ID}3`]);
    await later.close();
  });

  it("loses nothing that it acknowledged when the process is killed", async () => {
    const script = `
      import { openJournal } from ${JSON.stringify(new URL("./journal.ts", import.meta.url).href)};
      const journal = await openJournal(${JSON.stringify(folder)});
      const intent = ${JSON.stringify(intent(0))};
      for (let n = 0; ; n++) {
        const attemptId = "a" + n;
        await journal.intent({ ...intent, attemptId });
        await journal.touched(attemptId);
        process.stdout.write(attemptId + "\\n");
      }`;
    const child = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let acknowledged = "";
    await new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => resolve());
      child.stdout.on("data", (chunk: Buffer) => {
        acknowledged += chunk.toString();
        if (acknowledged.length > 200) child.kill("SIGKILL");
      });
    });
    await appendFile(journalPath(folder), "0000");
    const journal = await openJournal(folder);
    const known = new Set(
      journal
        .open()
        .filter((a) => a.touched)
        .map((a) => a.attemptId),
    );
    const names = acknowledged.split("\n").slice(0, -1);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    await journal.close();
  }, 20_000);
});

describe("journal lines", () => {
  const entry = fc.record({
    entry: fc.constant("result" as const),
    at: fc.string(),
    attemptId: fc.string(),
    body: fc.string({ unit: "grapheme" }),
    summary: fc.constant(SUMMARY),
  });

  it("decode to what was encoded", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries: JournalEntry[]) => {
        const bytes = Buffer.from(entries.map(encodeLine).join(""));
        expect(decodeJournal(bytes)).toEqual({
          entries,
          wholeBytes: bytes.length,
          damaged: 0,
          torn: false,
        });
      }),
    );
  });

  it("never crash the reader", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeJournal(bytes).entries).toEqual([]);
      }),
    );
  });
});
