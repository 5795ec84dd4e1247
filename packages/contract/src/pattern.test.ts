import { describe, expect, it } from "vitest";
import { serialPattern } from "./pattern.ts";

const took = (work: () => void): number => {
  const began = Date.now();
  work();
  return Date.now() - began;
};

describe("a serial pattern", () => {
  it("must match the whole serial, with anchors or without", () => {
    expect(serialPattern("SN\\d{4}")("SN1234")).toBe(true);
    expect(serialPattern("SN\\d{4}")("XSN12345")).toBe(false);
    expect(serialPattern("^SN\\d{4}$")("SN1234")).toBe(true);
    expect(serialPattern("SN|SN1")("SN1")).toBe(true);
  });

  it("takes time that grows with the serial alone", () => {
    const matches = serialPattern("([A-Z0-9]+)+");
    // A backtracking matcher needs some 2 to the 64th steps.
    expect(took(() => expect(matches(`${"A".repeat(63)}!`)).toBe(false))).toBeLessThan(500);
  });

  it("is refused where only backtracking could match it, or only much memory", () => {
    for (const pattern of ["(?=A)A", "(A)\\1", "[", "((A{100}){100}){100}"]) {
      expect(() => serialPattern(pattern), pattern).toThrow("cannot be used");
    }
  });
});
