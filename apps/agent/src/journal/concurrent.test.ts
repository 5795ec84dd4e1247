import { cp, type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { journalPath } from "./file.ts";
import type { JournaledAttempt } from "./fold.ts";
import { type Journal, openJournal } from "./journal.ts";
import { intentOf, SUMMARY } from "./testing.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-journal-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const ids = (attempts: readonly JournaledAttempt[]) => attempts.map(({ attemptId }) => attemptId);

/** What another life of the agent finds. */
async function afterRestart<T>(look: (journal: Journal) => T): Promise<T> {
  const journal = await openJournal(folder);
  const seen = look(journal);
  await journal.close();
  return seen;
}

describe("two nests at once", () => {
  it.each([
    ["result", (journal: Journal) => journal.result("B", "bodyB", SUMMARY)],
    ["touch", (journal: Journal) => journal.touched("B")],
    ["intent", (journal: Journal) => journal.intent(intentOf("C"))],
  ])("keep the %s of one that comes while the other's settlement compacts", async (what, add) => {
    const journal = await openJournal(folder, { compactAfter: 1 });
    for (const id of ["A", "B"]) await journal.intent(intentOf(id));
    await journal.result("A", "bodyA", SUMMARY);
    await Promise.all([journal.settled("A", "accepted"), add(journal)]);
    const inMemory = [journal.open(), journal.undelivered()];
    await journal.close();
    const onDisk = await afterRestart((again) => [again.open(), again.undelivered()]);
    expect(onDisk).toEqual(inMemory);
    const [still, waiting] = onDisk;
    expect(ids(waiting ?? [])).toEqual(what === "result" ? ["B"] : []);
    expect(still?.filter(({ touched }) => touched).length).toBe(what === "touch" ? 1 : 0);
    expect(ids(still ?? []).includes("C")).toBe(what === "intent");
  });
});

describe("a compaction that fails", () => {
  /** Lets `sync` of the folder or of a file fail, as a disk does that is going. */
  async function failing(which: "folder" | "file"): Promise<void> {
    const handle = await open(folder, "r");
    const prototype: FileHandle = Object.getPrototypeOf(handle);
    await handle.close();
    const { sync } = prototype;
    vi.spyOn(prototype, "sync").mockImplementation(async function (this: FileHandle) {
      if ((await this.stat()).isDirectory() === (which === "folder")) throw ioError();
      return sync.call(this);
    });
  }
  const ioError = () => Object.assign(new RangeError("EIO: i/o error, fsync"), { code: "EIO" });

  it("takes nothing back, and acknowledges nothing that another file would hold", async () => {
    const journal = await openJournal(folder, { compactAfter: 2 });
    for (const id of ["A", "B", "C"]) {
      await journal.intent(intentOf(id));
      await journal.result(id, "body", SUMMARY);
    }
    await journal.settled("A", "accepted");
    await failing("folder");
    await journal.settled("B", "accepted");
    await expect(journal.touched("C")).rejects.toMatchObject({ code: "agent.journal" });
    vi.restoreAllMocks();
    await journal.intent(intentOf("D"));
    await journal.touched("D");
    await journal.close();
    await afterRestart((again) => {
      expect(again.open()).toMatchObject([{ attemptId: "D", touched: true }]);
      expect(ids(again.undelivered())).toEqual(["C"]);
    });
  });

  it("settles what is on the disk all the same", async () => {
    const journal = await openJournal(folder, { compactAfter: 1 });
    await journal.intent(intentOf("A"));
    await journal.result("A", "body", SUMMARY);
    await failing("folder");
    await journal.settled("A", "accepted");
    vi.restoreAllMocks();
    await journal.close();
    expect(await afterRestart((again) => again.undelivered())).toEqual([]);
  });

  it("leaves no half line of an append that failed before it", async () => {
    const journal = await openJournal(folder, { compactAfter: 1 });
    await journal.intent(intentOf("A"));
    await journal.result("A", "body", SUMMARY);
    await failing("file");
    await expect(journal.touched("A")).rejects.toMatchObject({ code: "agent.journal" });
    vi.restoreAllMocks();
    await Promise.all([journal.settled("A", "accepted"), journal.intent(intentOf("B"))]);
    await journal.close();
    expect(await readFile(journalPath(folder), "utf8")).not.toContain('"touched"');
    expect(ids(await afterRestart((again) => again.open()))).toEqual(["B"]);
  });
});

/** An attempt as its nest knows it: how many steps it asked for, and how many were acknowledged. */
interface Known {
  readonly id: string;
  readonly cancelled: boolean;
  asked: number;
  acknowledged: number;
}

/** The next thing that a nest writes of its attempt. */
function step(journal: Journal, { id, cancelled, asked }: Known): Promise<void> {
  if (asked === 0) return journal.intent(intentOf(id));
  if (cancelled) return journal.settled(id, "cancelled");
  if (asked === 1) return journal.touched(id);
  if (asked === 2) return journal.result(id, `body of ${id}`, SUMMARY);
  return journal.settled(id, "accepted");
}
const stepsOf = (known: Known) => (known.cancelled ? 2 : 4);

/** One life of the agent: its nests write at once, each one thing after the other. */
function agentLife(journal: Journal, all: Known[]) {
  const queues: Promise<void>[] = [];
  const nests: Known[] = [];
  let running = true;
  const next = (nest: number): Known => {
    const before = nests[nest];
    if (before !== undefined && before.asked < stepsOf(before)) return before;
    const fresh = { id: `A${all.length}`, cancelled: all.length % 5 === 4 };
    const known = { ...fresh, asked: 0, acknowledged: 0 };
    nests[nest] = known;
    all.push(known);
    return known;
  };
  const write = async (nest: number): Promise<void> => {
    if (!running) return;
    const known = next(nest);
    const done = step(journal, known);
    known.asked++;
    await done;
    if (running) known.acknowledged++;
  };
  return {
    journal,
    write(nest: number): void {
      queues[nest] = (queues[nest] ?? Promise.resolve()).then(() => write(nest));
    },
    /** From here on nothing is acknowledged to anybody. */
    crash: (): void => {
      running = false;
    },
    idle: () => Promise.all(queues),
  };
}

function expectNothingLost(journal: Journal, all: readonly Known[]): void {
  for (const known of all) {
    const waiting = journal.undelivered().find(({ attemptId }) => attemptId === known.id);
    const found = waiting ?? journal.open().find(({ attemptId }) => attemptId === known.id);
    if (known.acknowledged === stepsOf(known)) expect(found).toBeUndefined();
    if (known.asked === stepsOf(known) || known.acknowledged === 0) continue;
    expect(found?.intent).toMatchObject(intentOf(known.id));
    if (known.acknowledged >= 2) expect(found?.touched).toBe(true);
    if (known.acknowledged >= 3) expect(waiting?.body).toBe(`body of ${known.id}`);
  }
}

describe("whatever nests, compactions and crashes come together", () => {
  const event = fc.oneof(
    { weight: 12, arbitrary: fc.nat({ max: 3 }) },
    { weight: 3, arbitrary: fc.constant("pause" as const) },
    { weight: 1, arbitrary: fc.constant("crash" as const) },
  );
  const events = fc.array(event, { minLength: 20, maxLength: 60 });

  it("nothing that was acknowledged is lost", async () => {
    let folders = 0;
    const property = fc.asyncProperty(
      events,
      fc.integer({ min: 1, max: 3 }),
      async (wanted, compactAfter) => {
        const all: Known[] = [];
        const live = async (home: string) =>
          agentLife(await openJournal(home, { compactAfter }), all);
        let home = join(folder, `life${folders++}`);
        let life = await live(home);
        const lives = [life];
        for (const what of wanted) {
          if (what === "pause") await new Promise((resolve) => setImmediate(resolve));
          else if (what !== "crash") life.write(what);
          else {
            life.crash();
            const next = join(folder, `life${folders++}`);
            await cp(journalPath(home), journalPath(next));
            home = next;
            life = await live(home);
            lives.push(life);
            expectNothingLost(life.journal, all);
          }
        }
        for (const each of lives) {
          await each.idle();
          expectNothingLost(life.journal, all);
          await each.journal.close();
        }
        const last = await openJournal(home);
        expectNothingLost(last, all);
        await last.close();
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});
