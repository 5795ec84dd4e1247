import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import { diagnose, explain, rootOf } from "./index.ts";

const times = (count: number, code: "link.reenumerated" | "link.stall") =>
  Array.from({ length: count }, () => ({ code }));

describe("the cause of several failures", () => {
  it("is the most frequent, the earliest among equals", () => {
    expect(rootOf(["link.busy_wedge", "link.timeout"])).toBe("link.busy_wedge");
    expect(rootOf(["link.timeout", "link.stall", "link.stall"])).toBe("link.stall");
    expect(rootOf([])).toBe("link.desync");
  });

  it("is the coming and going of the unit, where nothing else explains the end", () => {
    const lost = new DfuError("link.lost", "gone");
    const budget = new DfuError("link.budget", "too often", { address: 16 });
    expect(diagnose(lost, times(3, "link.reenumerated"))).toBe(lost);
    expect(diagnose(lost, times(4, "link.reenumerated"))).toMatchObject({
      code: "link.enumeration",
      cause: lost,
    });
    expect(diagnose(budget, times(5, "link.reenumerated"))).toMatchObject({ address: 16 });
    const others = [...times(5, "link.reenumerated"), ...times(5, "link.stall")];
    expect(diagnose(budget, others)).toMatchObject({ code: "link.stall", address: 16 });
    expect(diagnose(lost, others)).toBe(lost);
    expect(diagnose(budget, [...others, { code: "link.timeout" }])).toBe(budget);
    expect(diagnose(budget, [{ code: "flash.dirty" }])).toBe(budget);
    expect(diagnose(budget, [])).toBe(budget);
    const flash = new DfuError("flash.silent_drop", "x");
    expect(diagnose(flash, times(9, "link.reenumerated"))).toBe(flash);
  });
});

describe("a failure in words", () => {
  const quiet = { incidents: [], startProfile: "fast", profile: "fast" } as const;
  it("says what to do and what was seen", () => {
    const words = explain({
      code: "flash.verify_mismatch",
      phase: "verify",
      address: 0x08000010,
      detail: "reads 0x00, expected 0x01",
      incidents: times(2, "link.stall"),
      startProfile: "fast",
      profile: "gentle",
    });
    expect(words?.operator).toBe("Put in the red bin. Call the lead.");
    expect(words?.engineer).toBe(
      "The content read back is not what the unit is to hold. [flash.verify_mismatch, verify at 0x08000010] Evidence: reads 0x00, expected 0x01. Incidents: 2 × link.stall. Profile fast, at the end gentle.",
    );
  });

  it("says no more than is known", () => {
    expect(explain({ code: "image.empty", ...quiet })?.engineer).toBe(
      "The image has no data. [image.empty]",
    );
    expect(explain(quiet)).toBeUndefined();
  });
});
