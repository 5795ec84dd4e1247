import { describe, expect, it } from "vitest";
import { checkSerialRule, scannedSerial, serialPattern, shownSerial } from "./pattern.ts";
import { SerialRule } from "./recipe.ts";

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
    expect(took(() => expect(matches(`${"A".repeat(63)}!`)).toBe(false))).toBeLessThan(5_000);
  });

  it("is refused where only backtracking could match it, or only much memory", () => {
    for (const pattern of ["(?=A)A", "(A)\\1", "[", "((A{100}){100}){100}"]) {
      expect(() => serialPattern(pattern), pattern).toThrow("cannot be used");
    }
  });
});

describe("the serial that an application shows", () => {
  const from = "serial" as const;

  it("is the scanned one, or made of its pieces", () => {
    expect(shownSerial({ from }, "SN1234")).toBe("SN1234");
    expect(shownSerial({ from, text: "U-{serial}-X" }, "SN1234")).toBe("U-SN1234-X");
    const rule = { from, pattern: "SN([0-9]{2})([0-9]+)", text: "{2}.{1}" };
    expect(shownSerial(rule, "SN1234")).toBe("34.12");
    expect(shownSerial({ from, text: "$1{serial}$&" }, "SN1")).toBe("$1SN1$&");
  });

  it("is none where the rule does not fit, or nothing is left", () => {
    expect(shownSerial({ from, pattern: "SN[0-9]{4}" }, "SN12345")).toBeUndefined();
    expect(shownSerial({ from, pattern: "SN(X)?1", text: "{1}" }, "SN1")).toBeUndefined();
    expect(shownSerial({ from, text: "{serial} " }, "SN1")).toBeUndefined();
    expect(
      shownSerial({ from, text: `${"x".repeat(90)}{serial}` }, "S".repeat(64)),
    ).toBeUndefined();
  });

  it("leads back to the scanned one, or nowhere", () => {
    const back = (rule: object, shown: string) => scannedSerial({ from, ...rule }, shown);
    expect(back({}, "sn-1")).toBe("SN-1");
    expect(back({ text: "p.{serial}/x" }, "P.SN1/X")).toBe("SN1");
    expect(back({ text: "p.{serial}/x" }, "PASN1/X")).toBeUndefined();
    const rule = { pattern: "PSU-40-([0-9]{2})/([A-Z]+)", text: "{2}_{1}" };
    expect(back(rule, "ab_17")).toBe("PSU-40-17/AB");
    expect(back(rule, "ab_177")).toBeUndefined();
    // The first group is not in what is shown; the pattern is more than groups and characters.
    expect(back({ pattern: "([A-Z])-([0-9]+)", text: "{2}" }, "17")).toBeUndefined();
    expect(back({ pattern: "SN[0-9]([0-9]+)", text: "{1}" }, "17")).toBeUndefined();
    expect(back({ pattern: "SN+([0-9]+)", text: "{1}" }, "17")).toBeUndefined();
    expect(back({ text: "{serial}{serial}" }, "SN1SN1")).toBeUndefined();
  });

  it("is looked for in time that grows with the serial alone", () => {
    const rule = { from, pattern: "([A-Z0-9]+)+", text: "{1}" };
    expect(
      took(() => expect(shownSerial(rule, `${"A".repeat(63)}!`)).toBeUndefined()),
    ).toBeLessThan(500);
  });

  it.each([
    [{ text: "{1}" }, "no pattern"],
    [{ pattern: "SN(.*)", text: "{2}" }, "no group 2"],
    [{ pattern: "(A)\\1" }, "cannot be used"],
  ])("is refused as a rule: %j", (rule, why) => {
    const check = () =>
      checkSerialRule({ expectAfterLeave: { serial: { from, ...rule }, withinSeconds: 1 } });
    expect(check).toThrow(why);
  });

  it("is refused in a manifest where all units would show the same, or a brace is no piece", () => {
    for (const text of ["PSU", "", "{0}{serial}", "{serial", "a{serial}}"]) {
      expect(SerialRule.safeParse({ from, text }).success, text).toBe(false);
    }
    expect(SerialRule.safeParse({ from, text: "P|~{9}" }).success).toBe(true);
  });
});
