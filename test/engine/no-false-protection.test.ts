// Whatever the link does: no open unit is unprotected, and none passes for protected.
import { unprotectUnit, writeOptions } from "@flashline/dfu-core";
import { type DfuTransport, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { type Fault, partByName } from "@flashline/virtual-stm32";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";
import { type Bend, bending, FLASH, OPTIONS } from "./bent.ts";

const RUNS = Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 10);
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};
/** RDP is in effect at once, after a power cycle, readable under protection. */
const PARTS = ["f407", "h743", "f072", "l476", "g474", "u585"] as const;
const SETTABLE = PARTS.filter((name) => name !== "u585");

const wire: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom("stall", "lost-data", "lost-ack", "lost-setup", "lost-status"),
  trigger: fc.oneof(
    fc.record({ kind: fc.constant("nth"), n: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ kind: fc.constant("probability"), p: fc.constantFrom(0.01, 0.05, 0.3) }),
  ),
});

/** Reads that fail from one on, or of which one byte is wrong. */
const bend: fc.Arbitrary<{ readonly of: number; readonly bend: Bend }> = fc.record({
  of: fc.constantFrom(FLASH, OPTIONS),
  bend: fc.oneof(
    fc
      .tuple(
        fc.constantFrom(LinkFault.Stall, LinkFault.Timeout, LinkFault.Io),
        fc.constantFrom(1, 1, 1, 4, 8),
      )
      .map(
        ([fault, from]): Bend =>
          (data, read) =>
            read < from ? Promise.resolve(data) : Promise.reject(new LinkError(fault, "no answer")),
      ),
    fc.tuple(fc.integer({ min: 0, max: 1 }), fc.constantFrom(1, 1, 1, 4, 8), fc.boolean()).map(
      ([at, from, once]): Bend =>
        (data, read) =>
          Promise.resolve(
            read === from || (!once && read > from)
              ? data.map((byte, index) => (index === at ? byte ^ 0x5a : byte))
              : data,
          ),
    ),
  ),
});

const link = fc.record({
  faults: fc.array(wire, { maxLength: 2 }),
  bends: fc.array(bend, { maxLength: 2 }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

const bent = (transport: DfuTransport, bends: readonly { of: number; bend: Bend }[]) =>
  bends.reduce((inner, { of, bend }) => bending(inner, of, bend), transport);

it(
  "no open unit is unprotected",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PARTS), link, async (name, { faults, bends, seed }) => {
        const io = bench({ part: partByName(name), before: pattern(64), faults, seed });
        const transport = bent(io.transport, bends);
        const report = await unprotectUnit({ ...io, transport, confirmed: "read-unprotect" });
        expect(report.outcome).toBe("FAIL");
        expect(report.code).not.toBe("internal.bug");
        expect(io.destructive).toEqual([]);
        expect(io.unit.counters).toMatchObject({ erases: 0, massErases: 0, readUnprotects: 0 });
      }),
      { numRuns: RUNS, ...(RUNS > 300 ? SEED : { seed: 20261122 }) },
    );
  },
  RUNS * 200 + 60_000,
);

it(
  "no unit passes as protected that is not",
  async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SETTABLE),
        link,
        fc.boolean(),
        async (name, { faults, bends, seed }, hub) => {
          const of = { part: partByName(name), before: pattern(64), faults, seed };
          const io = bench({ ...of, powerSwitch: hub });
          const transport = bent(io.transport, bends);
          const options = { set: { RDP: 1 }, powerCycle: hub };
          const report = await writeOptions({ ...io, transport, ...options });
          expect(report.code).not.toBe("internal.bug");
          expect(io.unit.counters).toMatchObject({ erases: 0, massErases: 0, readUnprotects: 0 });
          if (report.outcome === "FAIL") return;
          passed += 1;
          expect(io.unit.protection).toBe(1);
        },
      ),
      { numRuns: RUNS, ...(RUNS > 300 ? SEED : { seed: 20261122 }) },
    );
    expect(passed).toBeGreaterThan(RUNS / 20);
  },
  RUNS * 200 + 60_000,
);
