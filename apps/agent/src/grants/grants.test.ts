import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";
import { generateKeyPair } from "@flashline/signing";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { intentOf, SUMMARY } from "../journal/testing.ts";
import { readyGrant } from "./ready.ts";
import { checksWith, grantsIn, signedGrant, type TestClocks, type TestGrant } from "./testing.ts";

const HOUR = 3_600_000;
let folder: string;
let journal: Journal;
let clocks: TestClocks;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-grants-"));
  journal = await openJournal(folder);
  clocks = { wall: Date.now(), uptime: 1_000, bootId: "first" };
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true, force: true });
});

const station = async (grant?: TestGrant) => {
  const one = await grantsIn(folder, journal, clocks);
  if (grant !== undefined) await one.give(signedGrant(grant));
  return one;
};
const passes = (ms: number): void => {
  clocks.wall += ms;
  clocks.uptime += ms;
};
type Grants = Awaited<ReturnType<typeof station>>["grants"];
const said = (grants: Grants, serial = "MC2-000001", nest = "1"): string => {
  const answer = grants.ask(serial, nest);
  return answer.kind === "refused" ? answer.error.code : answer.kind;
};
let jobs = 0;
const jobId = (): string => {
  jobs += 1;
  return `019f0000-0000-7000-8000-${String(jobs).padStart(12, "0")}`;
};
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "taken",
    (error: unknown) => (error instanceof FlashlineError ? error.code : String(error)),
  );

test("as many units start as the grant is for, also over a crash, and then none", async () => {
  const first = await station({ units: 3 });
  const places = [await first.grants.take(jobId(), "MC2-000001", "1")];
  places.push(await first.grants.take(jobId(), "MC2-000002", "2"));
  // Killed: nothing but what is on the disk is left.
  const second = await station();
  expect(second.grants.view?.left).toBe(1);
  places.push(await second.grants.take(jobId(), "MC2-000003", "1"));
  expect(places.map((place) => place.use().place)).toEqual([1, 2, 3]);
  expect(said(second.grants, "MC2-000004")).toBe("grant.used_up");
  expect(await codeOf(second.grants.take(jobId(), "MC2-000004", "1"))).toBe("grant.used_up");
  const third = await station();
  expect(said(third.grants, "MC2-000004")).toBe("grant.used_up");
});

test("two nests at once never get the same place, nor one more than there are", async () => {
  const { grants } = await station({ units: 3 });
  const taken = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => grants.take(jobId(), `MC2-10000${n}`, "1")),
  );
  const got = taken.flatMap((one) => (one.status === "fulfilled" ? [one.value.use().place] : []));
  expect(got.toSorted()).toEqual([1, 2, 3]);
});

test("a place is free again when its unit was not touched, and not when the agent died meanwhile", async () => {
  const { grants } = await station({ units: 1 });
  const job = jobId();
  const place = await grants.take(job, "MC2-000001", "1");
  expect(said(grants, "MC2-000002")).toBe("grant.used_up");
  await place.free();
  expect(said(grants, "MC2-000002")).toBe("may");
  await grants.take(jobId(), "MC2-000002", "1");
  const second = await station();
  expect(said(second.grants, "MC2-000003")).toBe("grant.used_up");
  const [{ jobId: lost = "" } = {}] = second.kept.now.held?.taken ?? [];
  await second.grants.free(second.grants.grant?.id ?? "", lost);
  expect(said(second.grants, "MC2-000003")).toBe("may");
});

test("nothing starts after the grant's time, whatever somebody does to the clock", async () => {
  const { grants } = await station({ hours: 8 });
  const place = await grants.take(jobId(), "MC2-000001", "1");
  passes(8 * HOUR - 1_000);
  expect(said(grants, "MC2-000002")).toBe("may");
  place.mustHold();
  clocks.wall -= 24 * HOUR;
  expect(said(grants, "MC2-000002")).toBe("may");
  passes(2_000);
  expect(said(grants, "MC2-000002")).toBe("grant.over");
  expect(() => place.mustHold()).toThrow("time is over");
  expect(grants.view).toBeNull();
});

test("a PC that was off counts the time that its clock shows, and none of its grant holds by a clock that was set back", async () => {
  const first = await station({ hours: 8 });
  passes(HOUR);
  await first.grants.tick();
  clocks = { wall: clocks.wall + 2 * HOUR, uptime: 10, bootId: "second" };
  const second = await station();
  expect(said(second.grants)).toBe("may");
  expect(Date.parse(second.grants.view?.until ?? "")).toBeGreaterThan(
    clocks.wall + 5 * HOUR - 61_000,
  );
  expect(Date.parse(second.grants.view?.until ?? "")).toBeLessThanOrEqual(clocks.wall + 5 * HOUR);
  await second.grants.tick();
  clocks = { wall: clocks.wall - 60_000, uptime: 10, bootId: "third" };
  const third = await station();
  expect(said(third.grants)).toBe("grant.clock");
  await third.grants.tick();
  expect(said(third.grants)).toBe("grant.clock");
  clocks.wall += 7 * HOUR;
  expect(said(third.grants)).toBe("grant.over");
});

test("a release's end holds by the server's time, also where this PC's clock is behind", async () => {
  const from = clocks.wall;
  const { grants } = await station({ from, expiresAt: new Date(from + HOUR).toISOString() });
  const place = await grants.take(jobId(), "MC2-000001", "1");
  clocks.wall -= 48 * HOUR;
  expect(said(grants, "MC2-000002")).toBe("may");
  clocks.uptime += HOUR;
  expect(said(grants, "MC2-000002")).toBe("release.expired");
  expect(place.now()).toBeGreaterThanOrEqual(from + HOUR);
});

test("what the station knows of a unit counts: its label, what was on hold, and what was flashed here", async () => {
  const { grants } = await station({});
  expect(said(grants, "MC3-000001")).toBe("preflight.serial_malformed");
  expect(said(grants, "MC2-000666")).toBe("preflight.unit_held");
  expect(said(grants, "MC2-000001", "9")).toBe("none");
  const flashed = async (n: number, summary: Partial<typeof SUMMARY>) => {
    const id = `019f0000-0000-7000-8000-0000000001${n}0`;
    await journal.intent(intentOf(id));
    await journal.touched(id);
    await journal.result(id, "{}", { ...SUMMARY, serial: "MC2-000007", ...summary });
  };
  const bad = { outcome: "FAIL", code: "flash.verify_mismatch" } as const;
  await flashed(1, bad);
  await flashed(2, { outcome: "FAIL", code: "link.budget" });
  await flashed(3, bad);
  expect(said(grants, "MC2-000007")).toBe("may");
  await flashed(4, bad);
  expect(said(grants, "MC2-000007")).toBe("preflight.retest_limit");
  await flashed(5, { outcome: "PASS", serial: "MC2-000008" });
  expect(said(grants, "MC2-000008")).toBe("preflight.already_passed");
});

test("a grant that was changed, is another station's, or another key's is not used", async () => {
  const clock = { elapsed: 0, ...clocks };
  const refusedBy = (signed: ReturnType<typeof signedGrant>, checks = checksWith()) =>
    codeOf(readyGrant(signed, clock, checks));
  const good = signedGrant();
  expect(await refusedBy(good)).toBe("taken");
  const more = { ...good, statement: good.statement.replace('"units":3', '"units":300') };
  expect(await refusedBy(more)).toBe("grant.invalid");
  const other = signedGrant({ change: { stationId: "019f0000-0000-7000-8000-0000000000bb" } });
  expect(await refusedBy(other)).toBe("grant.invalid");
  expect(await refusedBy(good, checksWith(""))).toBe("grant.invalid");
  // Nor one whose release no pinned key signed: the server's word is not enough.
  const pinnedKeys = () => Promise.resolve([generateKeyPair().publicKey]);
  expect(await refusedBy(good, { ...checksWith(), pinnedKeys })).toBe("release.key_unknown");
  // Somebody writes more units into the file.
  const first = await station({ units: 1 });
  await first.grants.take(jobId(), "MC2-000001", "1");
  const file = join(folder, "grant.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('\\"units\\":1', '\\"units\\":9'));
  expect(said((await station()).grants)).toBe("none");
});

test("a grant goes back when nothing is open under it and the server has all its results", async () => {
  const { grants, kept, give } = await station({});
  const id = grants.grant?.id ?? "";
  const place = await grants.take(jobId(), "MC2-000001", "1");
  await give(signedGrant());
  expect(kept.now.returning).toEqual([id]);
  expect(grants.isSettled(id)).toBe(false);
  const attempt = "019f0000-0000-7000-8000-000000000199";
  await journal.intent({ ...intentOf(attempt), grant: place.use() });
  place.ended();
  expect(grants.isSettled(id)).toBe(false);
  await journal.result(attempt, "{}", SUMMARY);
  expect(grants.isSettled(id)).toBe(false);
  await journal.settled(attempt, "accepted");
  expect(grants.isSettled(id)).toBe(true);
  // Withdrawn: what was not touched yet does not start any more.
  const next = await grants.take(jobId(), "MC2-000002", "1");
  next.mustHold();
  await grants.replace(null, true);
  expect(() => next.mustHold()).toThrow("time is over");
  expect(said(grants)).toBe("none");
});

/** What may happen to a station without its server. */
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "take" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "free" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "crash" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "tick" } as const) },
  { weight: 2, arbitrary: fc.nat(2 * HOUR).map((ms) => ({ kind: "time", ms }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -30 * HOUR, max: HOUR })
      .map((ms) => ({ kind: "jump", ms }) as const),
  },
  { weight: 1, arbitrary: fc.nat(2 * HOUR).map((ms) => ({ kind: "reboot", ms }) as const) },
);

test("model: whatever happens to station and clock, no unit starts beyond the number or after the time, and no place is two units'", async () => {
  const UNITS = 4;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
      const place = await mkdtemp(join(tmpdir(), "flashline-grants-model-"));
      const time = { wall: Date.now(), uptime: 1_000, bootId: "boot" };
      try {
        let one = await grantsIn(place, journal, time);
        await one.give(signedGrant({ units: UNITS, hours: 8, from: time.wall }));
        let passed = 0;
        let serial = 0;
        /** Of the units that were started and not freed. */
        const started = new Map<string, number>();
        let last: { readonly job: string; readonly place: { free(): Promise<void> } } | undefined;
        for (const step of steps) {
          switch (step.kind) {
            case "take": {
              serial += 1;
              const job = jobId();
              const name = `MC2-${String(serial).padStart(6, "0")}`;
              const got = await one.grants.take(job, name, "1").catch(() => undefined);
              if (got === undefined) break;
              got.mustHold();
              expect(passed).toBeLessThan(8 * HOUR);
              expect([...started.values()]).not.toContain(got.use().place);
              started.set(job, got.use().place);
              last = { job, place: got };
              break;
            }
            case "free":
              await last?.place.free();
              if (last !== undefined) started.delete(last.job);
              last = undefined;
              break;
            case "crash":
              one = await grantsIn(place, journal, time);
              last = undefined;
              break;
            case "tick":
              await one.grants.tick();
              break;
            case "time":
              time.wall += step.ms;
              time.uptime += step.ms;
              passed += step.ms;
              break;
            case "jump":
              time.wall += step.ms;
              break;
            case "reboot":
              // The clock of a PC that is off goes on. What somebody set it to before, the last look has seen.
              await one.grants.tick();
              time.wall += step.ms;
              time.uptime = 0;
              time.bootId = `boot ${serial} ${passed}`;
              passed += step.ms;
              one = await grantsIn(place, journal, time);
              last = undefined;
              break;
          }
          expect(started.size).toBeLessThanOrEqual(UNITS);
        }
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
});
