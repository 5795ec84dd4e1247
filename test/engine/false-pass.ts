// The property that nothing may break: no PASS over wrong content, nothing changed beside the image.
import { type FlashOptions, parseImage } from "@flashline/dfu-core";
import { encodeDfuse } from "@flashline/dfu-core/image";
import type { DfuTransport } from "@flashline/dfu-core/protocol";
import type { VirtualUnit } from "@flashline/virtual-stm32";
import fc from "fast-check";
import { expect } from "vitest";
import { bench, memoryStore } from "./bench.ts";
import { isRead } from "./bent.ts";
import { BASE, beside, COMMON, EEPROM_BASE, flatten, type Scenario, sizeOf } from "./scenarios.ts";

interface Count {
  PASS: number;
  FAIL: number;
}

export interface Outcomes {
  readonly outcomes: Count;
  /** Of second attempts at units that a first one left half done. */
  readonly again: Count;
  /** Runs that kept a remainder. */
  readonly preserved: number;
  /** Runs that ended with PASS over data EEPROM. */
  readonly eeprom: number;
}

/** False when the unit does not come back, as one that was made a brick. */
async function plugAgain(unit: VirtualUnit, transport: DfuTransport): Promise<boolean> {
  unit.plug();
  try {
    await transport.reenumerate(60_000);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs scenarios and compares everything after each attempt: the image after PASS, and after PASS and FAIL whatever no image byte
 * shares a sector with.
 */
export async function neverFalsePass(
  scenarios: fc.Arbitrary<Scenario>,
  parameters: fc.Parameters<[Scenario]>,
): Promise<Outcomes> {
  const outcomes = { PASS: 0, FAIL: 0 };
  const again = { PASS: 0, FAIL: 0 };
  let preserved = 0;
  let eepromPassed = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async (run) => {
      const size = sizeOf(run.part);
      const { wanted, joined } = flatten(size, run.segments);
      const eepromBytes = run.part.extra.find(({ kind }) => kind === "data")?.size ?? 0;
      const inEeprom = flatten(eepromBytes, run.eeprom, EEPROM_BASE);
      // No byte as its neighbours': what is read or written at a wrong address shows.
      const before = Uint8Array.from({ length: size }, (_, at) =>
        run.before === "blank" && at >= run.bootloader ? 0xff : (at * 37 + (at >> 8)) & 0xff,
      );
      if (run.before.startsWith("image")) {
        for (const [at, byte] of wanted) before[at] = byte;
        const [first = 0] = wanted.keys();
        if (run.before === "image-but-one") before[first] = (before[first] ?? 0) ^ 0x10;
      }
      const { flash, unit, clock, transport, destructive } = bench({
        part: run.part,
        faults: run.faults,
        seed: run.seed,
        timing: run.timing,
        powerSwitch: run.powerSwitch,
        portStatus: run.portStatus,
        ...(run.before === "blank" && run.bootloader === 0 ? {} : { before }),
      });
      const eepromBefore = Uint8Array.from({ length: eepromBytes }, (_, at) =>
        run.before === "blank" ? 0 : (at * 53 + 7) & 0xff,
      );
      if (run.before === "image") {
        for (const [at, byte] of inEeprom.wanted) eepromBefore[at] = byte;
      }
      unit.eeprom?.load(EEPROM_BASE, eepromBefore);
      let { serial } = unit;
      // In the middle of whatever is under way then.
      if (run.powerCycleAtMs !== undefined) {
        void clock.sleep(run.powerCycleAtMs).then(() => unit.powerCycle());
      }
      // What PASS speaks of: a unit that comes after the last read, while the old one starts its application, is none of it.
      let judged = unit.flash;
      let judgedEeprom = unit.eeprom;
      const kept = new Map<VirtualUnit["flash"], Uint8Array>();
      const keptEeprom = new Map<VirtualUnit["flash"], Uint8Array>();
      // Stuck cells read otherwise than they hold.
      const shownEeprom = new Map<VirtualUnit["flash"], Uint8Array>();
      unit.onTransfer((setup) => {
        const { flash, eeprom } = unit;
        if (!kept.has(flash)) kept.set(flash, flash.read(BASE, size).data);
        if (eeprom && !keptEeprom.has(eeprom)) {
          keptEeprom.set(eeprom, eeprom.snapshot());
          shownEeprom.set(eeprom, eeprom.read(EEPROM_BASE, eepromBytes).data);
        }
        if (!isRead(setup.request, setup.value)) return;
        judged = flash;
        judgedEeprom = eeprom;
      });
      // Of words that the image covers in part, only a PASS promises that the rest is kept.
      const words = new Set([...inEeprom.wanted.keys()].map((at) => at >> 2));
      const otherWords = [...eepromBefore.keys()].filter((at) => !words.has(at >> 2));
      const outside = beside(run.part, wanted);
      const keepsTheRest = () => {
        for (const [memory, old] of kept) {
          const now = memory.read(BASE, size).data;
          expect(outside.filter((at) => now[at] !== old[at])).toEqual([]);
        }
        for (const [memory, old] of keptEeprom) {
          const now = memory.snapshot();
          expect(otherWords.filter((at) => now[at] !== old[at])).toEqual([]);
        }
      };
      const { otherAt: other } = run;
      if (other !== undefined) {
        void clock.sleep(other.ms).then(() => {
          unit.replace({ serial: unit.serial });
          const content = new Uint8Array(size).fill(0x3c);
          content.set(before.subarray(0, run.bootloader));
          if (other.holds === "blank") content.fill(0xff, run.bootloader);
          if (other.holds === "same") content.set(before);
          if (other.holds === "image") for (const [at, byte] of wanted) content[at] = byte;
          if (other.holds !== "blank" || run.bootloader > 0)
            unit.flash.load(unit.flash.base, content);
          unit.eeprom?.load(EEPROM_BASE, new Uint8Array(eepromBytes).fill(0xc5));
        });
      }
      const family = COMMON.find((name) => name === run.part.family) as FlashOptions["family"];
      const { store: snapshots } = memoryStore();
      const attempt = (knownDirty: boolean) =>
        flash({
          image: parseImage(encodeDfuse([...joined, ...inEeprom.joined])),
          ...(family === undefined ? {} : { family }),
          profile: run.profile,
          knownDirty,
          remainder: run.remainder,
          ...(run.remainder === "preserve" ? { snapshotName: unit.serial, snapshots } : {}),
          leave: run.leave,
        });
      let report = await attempt(run.knownDirty);
      outcomes[report.outcome] += 1;
      // What the failed attempt left behind is the next one's to deal with.
      let surelyStable = true;
      let attempts = 1;
      if (report.outcome === "FAIL" && report.touched && (await plugAgain(unit, transport))) {
        surelyStable = run.told;
        attempts += 1;
        serial = unit.serial;
        report = await attempt(run.told);
        again[report.outcome] += 1;
      }
      expect(destructive).toEqual([]);
      keepsTheRest();
      expect(report.code).not.toBe("internal.bug");
      expect(clock.now()).toBeLessThan(40 * 60_000);
      if (report.outcome === "FAIL") {
        expect(report.code).toBeDefined();
        return;
      }
      expect(unit.serial).toBe(serial);
      const content = judged.read(judged.base, size);
      const places = [...wanted];
      expect(places.filter(([at, byte]) => content.data[at] !== byte)).toEqual([]);
      if (surelyStable) {
        expect(places.filter(([at]) => !judged.isStable(BASE + at, 1))).toEqual([]);
      }
      if (
        run.remainder === "preserve" &&
        judged === unit.flash &&
        kept.size === 1 &&
        surelyStable
      ) {
        const old = kept.get(judged) ?? before;
        const rest = [...old.keys()].filter((at) => !wanted.has(at));
        if (rest.length > outside.length) preserved += 1;
        expect(rest.filter((at) => content.data[at] !== old[at])).toEqual([]);
      }
      expect(report.bytes).toBe(wanted.size + inEeprom.wanted.size);
      if (judgedEeprom === undefined || inEeprom.wanted.size === 0) return;
      eepromPassed += 1;
      const now = judgedEeprom.read(EEPROM_BASE, eepromBytes).data;
      const cells = [...inEeprom.wanted];
      expect(cells.filter(([at, byte]) => now[at] !== byte)).toEqual([]);
      if (surelyStable) {
        expect(cells.filter(([at]) => !judgedEeprom?.isStable(EEPROM_BASE + at, 1))).toEqual([]);
      }
      if (judgedEeprom === unit.eeprom && keptEeprom.size === 1 && attempts === 1) {
        const shown = shownEeprom.get(judgedEeprom);
        const rest = [...eepromBefore.keys()].filter((at) => !inEeprom.wanted.has(at));
        expect(rest.filter((at) => now[at] !== shown?.[at])).toEqual([]);
      }
    }),
    parameters,
  );
  return { outcomes, again, preserved, eeprom: eepromPassed };
}
