import { expect, test } from "vitest";
import { tryPattern, unusable } from "./pattern.ts";

test("a label is tried as it would be scanned: blanks go, small letters become capitals", () => {
  expect(tryPattern("MC2-[0-9]{6}", " mc2-000001 ")).toEqual({
    kind: "fits",
    serial: "MC2-000001",
  });
  expect(tryPattern("MC2-[0-9]{6}", "MC2-00001")).toEqual({ kind: "other", serial: "MC2-00001" });
});

test("the whole serial must match, not a part of it", () => {
  expect(tryPattern("MC2", "MC2-1").kind).toBe("other");
});

test("a pattern that the server would refuse is told at once, with why", () => {
  expect(unusable("(?=a)")).toContain("(?=a)");
  expect(unusable("MC2-[0-9]+")).toBeUndefined();
  expect(tryPattern("", "anything").kind).toBe("nothing");
});
