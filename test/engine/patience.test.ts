// How long a lossy link is put up with: a bad one ends within about a minute, one that loses a transfer in a hundred passes.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest, LinkError, LinkFault, wrapTransport } from "@flashline/dfu-core/protocol";
import { parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7];
const KIB_31 = 31 * 1024;
const ERASE_MS = 35_000;

const flashOver = (chip: string, bytes: number, fault: string, seed: number) =>
  bench({
    part: partByName(chip),
    before: pattern(bytes, 9),
    faults: [parseFault(fault).fault],
    seed,
  }).flash({ image: imageAt(pattern(bytes)) });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe("a link that loses transfers", () => {
  it.each([
    ["f072", "lost-status=0.2"],
    ["f072", "lost-setup=0.2"],
    ["f407", "lost-status=0.15"],
    ["g474", "lost-status=0.15"],
  ])("%s, %s: ends within about a minute, and it is the host's", async (chip, fault) => {
    const reports = await Promise.all(SEEDS.map((seed) => flashOver(chip, KIB_31, fault, seed)));
    for (const { outcome, code, blame, linkIncident, incidents, ms } of reports) {
      expect(linkIncident).toBe(true);
      if (outcome === "FAIL")
        expect({ code, blame }).toEqual({ code: "link.timeout", blame: "host" });
      // What the first GETSTATUS after an erase costs stays on top, until one erase has told how long it takes (rule 3, docs/protocol.md).
      const erases = incidents.filter(
        ({ code, detail }) => code === "link.timeout" && detail.includes(`within ${ERASE_MS} ms`),
      ).length;
      expect(ms - Math.max(0, erases - 1) * ERASE_MS).toBeLessThan(75_000);
    }
    expect(median(reports.map(({ ms }) => ms))).toBeLessThan(90_000);
    expect(reports.some(({ outcome }) => outcome === "FAIL")).toBe(true);
  });

  it.each([
    ["f072", "lost-status=0.05"],
    ["f072", "lost-setup=0.05"],
    ["f407", "lost-status=0.05"],
  ])(
    "%s, %s: passes, and waits for a lost erase no more than its erases take",
    async (chip, fault) => {
      const reports = await Promise.all(SEEDS.map((seed) => flashOver(chip, KIB_31, fault, seed)));
      expect(reports.map(({ outcome }) => outcome)).toEqual(SEEDS.map(() => "PASS"));
      expect(median(reports.map(({ ms }) => ms))).toBeLessThan(20_000);
      const longWaits = reports.map(
        ({ incidents }) =>
          incidents.filter(({ detail }) => detail.includes(`within ${ERASE_MS} ms`)).length,
      );
      // The first erase of a run may be lost, and be waited for as the rule says.
      expect(Math.max(...longWaits)).toBeLessThanOrEqual(1);
    },
  );

  it("a unit that holds the bus for each erase, later twelve times as long as at first, passes beside lost transfers", async () => {
    for (const seed of SEEDS) {
      const { transport, clock, unit } = bench({
        part: partByName("f072"),
        before: pattern(8192, 9),
        faults: [parseFault("lost-status=0.03").fault],
        seed,
      });
      let heldUntil = 0;
      let holdMs = 500;
      const held = async <T>(timeoutMs: number, answer: () => Promise<T>): Promise<T> => {
        const left = heldUntil - clock.now();
        if (left > timeoutMs) {
          await clock.sleep(timeoutMs);
          throw new LinkError(LinkFault.Timeout, "the unit holds the bus");
        }
        if (left > 0) await clock.sleep(left);
        return answer();
      };
      let erasing = false;
      const holding = wrapTransport(transport, {
        controlOut: (request, value, data, timeoutMs, signal) => {
          erasing = request === DfuRequest.Dnload && value === 0 && data[0] === 0x41;
          return held(timeoutMs, () =>
            transport.controlOut(request, value, data, timeoutMs, signal),
          );
        },
        controlIn: (request, value, length, timeoutMs, signal) => {
          if (erasing && request === DfuRequest.GetStatus) {
            heldUntil = clock.now() + holdMs;
            // Beyond eight times what the first one took.
            holdMs = 6000;
          }
          erasing = false;
          return held(timeoutMs, () =>
            transport.controlIn(request, value, length, timeoutMs, signal),
          );
        },
      });
      const image = imageAt(pattern(8192));
      const report = await flashUnit({ clock, transport: holding, image });
      expect({ seed, outcome: report.outcome }).toEqual({ seed, outcome: "PASS" });
      expect(unit.counters.busResets).toBe(0);
    }
  });

  it("goes on as fast as it began where a gentler profile fails as often", async () => {
    const run = (faults: readonly string[], seed: number) =>
      bench({
        part: partByName("f407"),
        before: pattern(128 * 1024, 9),
        faults: faults.map((fault) => parseFault(fault).fault),
        seed,
      }).flash({ image: imageAt(pattern(128 * 1024)) });
    const sound = await run([], 1);
    const reports = await Promise.all(SEEDS.map((seed) => run(["stall=0.05"], seed)));
    for (const report of reports) {
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    }
    expect(median(reports.map(({ transfers }) => transfers))).toBeLessThan(3 * sound.transfers);
  });

  it.each([
    ["f072", KIB_31],
    ["g474", KIB_31],
    ["f407", 128 * 1024],
  ])("%s, %i bytes, one transfer in a hundred: passes, and says so", async (chip, bytes) => {
    const reports = await Promise.all(
      SEEDS.map((seed) => flashOver(chip, bytes, "lost-status=0.01", seed)),
    );
    for (const report of reports) {
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
      expect(report.incidents.some(({ code }) => code === "link.escalated")).toBe(true);
    }
  });

  it("is not taken to be lost because the unit says nothing for some seconds", async () => {
    const { transport, clock, unit } = bench({ part: partByName("f072") });
    let transfers = 0;
    let until = Number.POSITIVE_INFINITY;
    const silence = async <T>(timeoutMs: number, answer: () => Promise<T>): Promise<T> => {
      transfers += 1;
      if (transfers === 40) until = clock.now() + 6000;
      if (transfers < 40 || clock.now() >= until) return answer();
      await clock.sleep(timeoutMs);
      throw new LinkError(LinkFault.Timeout, "silence");
    };
    const silent = wrapTransport(transport, {
      controlIn: (request, value, length, timeoutMs, signal) =>
        silence(timeoutMs, () => transport.controlIn(request, value, length, timeoutMs, signal)),
      controlOut: (request, value, data, timeoutMs, signal) =>
        silence(timeoutMs, () => transport.controlOut(request, value, data, timeoutMs, signal)),
    });
    const report = await flashUnit({
      clock,
      transport: silent,
      profile: "gentle",
      image: imageAt(pattern(4000)),
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.counters.busResets).toBe(0);
  });

  it("costs no more than what it spoiled where it fails once: the run goes on as fast as it began", async () => {
    const run = (fault: string) =>
      bench({
        part: partByName("g0b1"),
        before: pattern(64 * 1024, 9),
        faults: fault === "" ? [] : [parseFault(fault).fault],
      }).flash({ image: imageAt(pattern(64 * 1024)) });
    const sound = await run("");
    for (const [fault, awayMs] of [
      ["stall=40", 0],
      [`reboot=${32 * 1024}@500`, 500],
    ] as const) {
      const once = await run(fault);
      expect(once).toMatchObject({ outcome: "PASS", linkIncident: true, profile: "standard" });
      expect(once.ms - sound.ms - awayMs).toBeLessThan(0.3 * sound.ms);
    }
  });

  it.each(["fast", "standard", "gentle", "crawl"] as const)(
    "%s: waits 35 s for the first GETSTATUS after an erase",
    async (profile) => {
      const { transport, clock } = bench();
      let erasing = false;
      const waits: number[] = [];
      const watched = wrapTransport(transport, {
        controlOut: (request, value, data, timeoutMs, signal) => {
          erasing = request === DfuRequest.Dnload && value === 0 && data[0] === 0x41;
          return transport.controlOut(request, value, data, timeoutMs, signal);
        },
        controlIn: (request, value, length, timeoutMs, signal) => {
          if (erasing) waits.push(timeoutMs);
          erasing = false;
          return transport.controlIn(request, value, length, timeoutMs, signal);
        },
      });
      const image = imageAt(pattern(300));
      const report = await flashUnit({ clock, transport: watched, family: "F4", profile, image });
      expect(report.outcome).toBe("PASS");
      expect(waits.length).toBeGreaterThan(0);
      expect(Math.min(...waits)).toBe(ERASE_MS);
    },
  );
});

describe("a unit that hangs on long blocks and then answers nothing until a bus reset", () => {
  const hanging = "busy-wedge=reset@0.2,over=256,silent";

  it("passes within 45 s of its clock, in blocks on which it does not hang", async () => {
    for (const seed of SEEDS) {
      const report = await flashOver("f072", KIB_31, hanging, seed);
      expect(report).toMatchObject({ outcome: "PASS" });
      expect(report.ms).toBeLessThan(45_000);
      const shrunk = report.incidents.filter(({ detail }) => detail.startsWith("blocks of"));
      const hung = report.incidents.filter(({ code }) => code === "link.bus_reset");
      expect(shrunk.length).toBeLessThanOrEqual(hung.length);
    }
  });

  it("is waited for as long as ever before a wedge is proven, and then a small multiple of what worked", async () => {
    const reports = await Promise.all(
      SEEDS.map((seed) => flashOver("f072", KIB_31, hanging, seed)),
    );
    const several = reports.filter(
      ({ incidents }) => incidents.filter(({ code }) => code === "link.bus_reset").length > 1,
    );
    expect(several.length).toBeGreaterThan(0);
    for (const { incidents } of several) {
      const resets = incidents.filter(({ code }) => code === "link.bus_reset");
      const waits = incidents.flatMap(({ code, detail }) =>
        code === "link.timeout" ? [Number(/within (\d+) ms/.exec(detail)?.[1])] : [],
      );
      expect(waits[0]).toBe(2000);
      expect(Math.max(...waits.slice(1))).toBeLessThan(1000);
      expect(resets.length).toBe(waits.length);
    }
  });

  it.each([
    ["a unit that takes thirty times as long", "slow-busy=30"],
    ["one that does so now and then", "slow-busy=30@0.2"],
  ])("%s beside it still passes", async (_, slow) => {
    for (const seed of SEEDS) {
      const { flash } = bench({
        part: partByName("f072"),
        before: pattern(8192, 9),
        faults: [parseFault(hanging).fault, parseFault(slow).fault],
        seed,
      });
      expect(await flash({ image: imageAt(pattern(8192)) })).toMatchObject({ outcome: "PASS" });
    }
  });
});
