import { DfuRequest, DfuSeCommand } from "@flashline/dfu-core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { Fault } from "../faults/fault.ts";
import { parseFault } from "../faults/parse.ts";
import { FAMILY_NAMES, type Part } from "../parts/index.ts";
import { BASE, command, tiny } from "../testing/host.ts";
import type { SetupPacket } from "../usb/setup.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

type Act =
  | { readonly kind: "control"; readonly setup: SetupPacket; readonly data: Uint8Array }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "reset" }
  | { readonly kind: "power" };

const address = fc.oneof(
  fc.integer({ min: BASE - 8, max: BASE + 200 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(fc.constantFrom(DfuSeCommand.SetAddress, DfuSeCommand.Erase), address)
    .map(([code, at]) => command(code, at)),
  fc.constantFrom(Uint8Array.of(DfuSeCommand.Erase), Uint8Array.of(DfuSeCommand.ReadUnprotect)),
);
const small = fc.integer({ min: 0, max: 8 });
const classRequest = fc
  .tuple(fc.constantFrom(0x21, 0xa1), fc.integer({ min: 0, max: 7 }), small, small, payload)
  .map(
    ([requestType, request, value, length, data]): Act => ({
      kind: "control",
      setup: {
        requestType,
        request,
        value,
        index: 0,
        length: requestType === 0x21 ? data.length : length * 5,
      },
      data: requestType === 0x21 ? data : new Uint8Array(),
    }),
  );
const anyRequest = fc
  .tuple(
    fc.nat(255),
    fc.nat(255),
    fc.nat(0xffff),
    fc.nat(0xffff),
    fc.nat(0xffff),
    fc.uint8Array({ maxLength: 80 }),
  )
  .map(
    ([requestType, request, value, index, length, data]): Act => ({
      kind: "control",
      setup: { requestType, request, value, index, length },
      data,
    }),
  );
const act = fc.oneof(
  { weight: 12, arbitrary: classRequest },
  { weight: 1, arbitrary: anyRequest },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 0, max: 3000 }).map((ms): Act => ({ kind: "wait", ms })),
  },
  { weight: 1, arbitrary: fc.constantFrom<Act>({ kind: "reset" }, { kind: "power" }) },
);
const faults = fc.array(
  fc
    .constantFrom(
      "stall=0.2",
      "lost-setup=0.2",
      "lost-data=0.3",
      "lost-status=0.2",
      "busy-wedge=reset@2",
      "silent-drop=0.5",
      "false-target=0.2",
      "unplug=20@50",
      "swap=30@50",
      "power-cut=15@50",
      "reboot=9",
      "bit-flip=0.5",
    )
    .map((text): Fault => parseFault(text).fault),
  { maxLength: 3 },
);

function perform(unit: VirtualUnit, clock: VirtualClock, one: Act): string {
  switch (one.kind) {
    case "control": {
      // Once in a while nobody has configured it after it came back.
      if (one.setup.value !== 7) unit.configure();
      const reply = unit.handleControl(one.setup, one.data);
      return reply.kind === "data" ? Buffer.from(reply.data).toString("hex") : reply.kind;
    }
    case "wait":
      clock.advance(one.ms);
      return "";
    case "reset":
      unit.busReset();
      unit.configure();
      return "";
    case "power":
      unit.powerCycle();
      return "";
  }
}

const build = (
  part: Part,
  armed: readonly Fault[],
  seed: number,
): { unit: VirtualUnit; clock: VirtualClock } => {
  const clock = new VirtualClock();
  return { unit: createVirtualUnit({ part, clock, faults: armed, seed }), clock };
};
const family = fc.constantFrom(...FAMILY_NAMES);

/** Everything that a unit counts as a change of its flash. */
const changes = (unit: VirtualUnit): number =>
  unit.counters.erases +
  unit.counters.programs +
  unit.counters.massErases +
  unit.counters.readUnprotects;

describe("any sequence of requests", () => {
  it("never crashes the unit, and changes flash by an erase or a program only", () => {
    fc.assert(
      fc.property(
        family,
        fc.array(act, { maxLength: 60 }),
        faults,
        fc.nat(),
        (name, acts, armed, seed) => {
          const { unit, clock } = build(tiny(name), armed, seed);
          for (const one of acts) {
            const { flash } = unit;
            const before = { content: flash.snapshot(), changes: changes(unit) };
            perform(unit, clock, one);
            if (unit.flash === flash && changes(unit) === before.changes && unit.attached) {
              expect(flash.snapshot()).toEqual(before.content);
            }
            expect(unit.flash.size).toBe(192);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("answers the same for the same seed", () => {
    fc.assert(
      fc.property(
        family,
        fc.array(act, { maxLength: 40 }),
        faults,
        fc.nat(),
        (name, acts, armed, seed) => {
          const [first, second] = [build(tiny(name), armed, seed), build(tiny(name), armed, seed)];
          const replies = acts.map((one) => perform(first.unit, first.clock, one));
          expect(acts.map((one) => perform(second.unit, second.clock, one))).toEqual(replies);
          expect(second.unit.flash.snapshot()).toEqual(first.unit.flash.snapshot());
          expect(second.unit.counters).toEqual(first.unit.counters);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("never programs anything while GETSTATUS is not asked", () => {
    fc.assert(
      fc.property(fc.array(classRequest, { maxLength: 40 }), (acts) => {
        const { unit, clock } = build(tiny("F4"), [], 1);
        const silent = acts.filter(
          (one) => one.kind !== "control" || one.setup.request !== DfuRequest.GetStatus,
        );
        for (const one of silent) perform(unit, clock, one);
        expect(changes(unit)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
