import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimError } from "../errors.ts";
import { FAULT_NAMES, parseFault } from "./parse.ts";

describe("parseFault", () => {
  it.each([
    ["stall=0.02:3", { kind: "stall", trigger: { kind: "probability", p: 0.02 } }, 3],
    ["stall=5", { kind: "stall", trigger: { kind: "nth", n: 5 } }, undefined],
    [
      "busy-wedge=clrstatus@2:1",
      { kind: "busy-wedge", clearedBy: "clrstatus", trigger: { kind: "nth", n: 2 } },
      1,
    ],
    [
      "busy-wedge=reset@0.2,over=256,silent",
      {
        kind: "busy-wedge",
        clearedBy: "reset",
        trigger: { kind: "probability", p: 0.2 },
        longerThan: 256,
        silent: true,
      },
      undefined,
    ],
    ["slow-busy=40", { kind: "slow-busy", factor: 40, trigger: { kind: "always" } }, undefined],
    ["write-protect=0,2-4:2", { kind: "write-protect", sectors: [0, 2, 3, 4] }, 2],
    ["unplug=4096@1500", { kind: "unplug", afterBytes: 4096, backAfterMs: 1500 }, undefined],
    ["unplug=4096", { kind: "unplug", afterBytes: 4096, backAfterMs: undefined }, undefined],
    ["silent-drop", { kind: "silent-drop", trigger: { kind: "always" } }, undefined],
    [
      "stuck=0x08000010/0x80",
      { kind: "stuck", address: 0x0800_0010, mask: 0x80, value: 0 },
      undefined,
    ],
  ])("%s", (text, fault, unit) => {
    expect(parseFault(text)).toEqual({ fault, unit });
  });

  it.each([
    "",
    "stal",
    "stall=x",
    "stall=1.5",
    "stall:0",
    "busy-wedge=luck",
    "busy-wedge=abort,silent",
    "busy-wedge=reset,over=",
    "busy-wedge=reset,loud",
    "write-protect=4-2",
    "constructor",
  ])("refuses %j", (text) => {
    expect(() => parseFault(text)).toThrow(SimError);
  });

  it("takes every name without a value and never throws anything but SimError", () => {
    for (const name of FAULT_NAMES) expect(parseFault(name).fault.kind).toBe(name);
    const text = fc
      .tuple(fc.constantFrom(...FAULT_NAMES), fc.string())
      .map(([name, rest]) => `${name}=${rest}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), text), (any) => {
        try {
          parseFault(any);
        } catch (error) {
          expect(error).toBeInstanceOf(SimError);
        }
      }),
    );
  });
});
