import { PROFILE_NAMES, parseImage } from "@flashline/dfu-core";
import { encodeDfuse } from "@flashline/dfu-core/image";
import { definePart, parseFault } from "@flashline/virtual-stm32";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bench, memoryStore, pattern } from "./bench.ts";

const BASE = 0x08000000;
const SIZE = 384;
const BEFORE = pattern(SIZE, 9);
const RUNS = Math.min(20_000, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 10));
/** Another start for every long run, unless one is to be repeated. */
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};

const trouble = fc.constantFrom(
  "stall=0.03",
  "lost-data=0.03",
  "lost-setup=0.02",
  "lost-status=0.02",
  "lost-ack=0.03",
  "silent-drop=7",
  "bit-flip=9",
  "unplug=40",
  "unplug=200",
  "unplug=330",
  "power-cut=100@300",
  "power-cut=260",
  "power-cut=333",
  "reboot=150",
  "erase-cut=1",
  "erase-cut=2",
  "erase-cut=2@300",
  "busy-wedge=reset@4",
  "busy-wedge=powercycle@6",
  "false-target=12",
);

it(
  `no PASS ever comes with a lost remainder, over interrupted attempts, in ${RUNS} runs`,
  async () => {
    const passes = { first: 0, later: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          family: fc.constantFrom("F4", "F0", "L0", "L4", "H7"),
          segments: fc.uniqueArray(
            fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 60 })),
            { selector: ([slot]) => slot, minLength: 1, maxLength: 3 },
          ),
          faults: fc.array(trouble, { maxLength: 3 }),
          seed: fc.integer({ min: 1, max: 1_000_000 }),
          profile: fc.constantFrom(...PROFILE_NAMES),
          known: fc.boolean(),
          // Then the seal says nothing.
          startsBlank: fc.boolean(),
        }),
        async ({ family, segments, faults, seed, profile, known, startsBlank }) => {
          const part = definePart({ family, sectors: [[6, 64]], transferSize: 32 });
          const { store } = memoryStore();
          const armed = faults.map((text) => parseFault(text).fault);
          const { flash, unit } = bench({ part, before: BEFORE, faults: armed, seed });
          const parts = segments.map(([slot, length]) => ({
            address: BASE + slot * 64 + ((seed * (slot + 1)) % (65 - length)),
            data: pattern(length, slot + 20),
          }));
          if (startsBlank) {
            const first = parts.reduce((one, other) => (one.address < other.address ? one : other));
            first.data.fill(part.family === "L0" ? 0x00 : 0xff, 0, 40);
          }
          const expected = BEFORE.slice();
          for (const { address, data } of parts) expected.set(data, address - BASE);
          const image = parseImage(encodeDfuse(parts));
          let touched = false;
          for (let tries = 0; tries < 3; tries += 1) {
            const report = await flash({
              image,
              family,
              profile,
              remainder: "preserve",
              snapshotName: "u",
              snapshots: store,
              knownDirty: known && touched,
            });
            expect(report.code).not.toBe("internal.bug");
            if (report.outcome === "PASS") {
              expect(unit.flash.read(BASE, SIZE).data).toEqual(expected);
              passes[tries === 0 ? "first" : "later"] += 1;
              return;
            }
            touched ||= report.touched;
            if (!unit.attached) unit.plug();
          }
        },
      ),
      { numRuns: RUNS, ...(RUNS > 300 ? SEED : { seed: 20261122 }) },
    );
    expect(passes.first).toBeGreaterThan(RUNS / 10);
    expect(passes.later).toBeGreaterThan(RUNS / 50);
  },
  RUNS * 100 + 60_000,
);
