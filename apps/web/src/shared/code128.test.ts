import { expect, test } from "vitest";
import { code128Of } from "./code128.ts";

test("a code is as wide as the standard says: start, characters, check, stop and quiet zones", () => {
  // 11 modules for each, 13 for stop (ISO/IEC 15417); two digits share one in code set C.
  expect(code128Of("FL-START")?.modules).toBe(10 + 11 * 10 + 13 + 10);
  expect(code128Of("FL-START")?.url).toMatch(/^data:image\/svg\+xml,/);
});

test("what a scanner cannot type has no code", () => {
  expect(code128Of("FL-NEST-ÜBER 2")).toBeNull();
  expect(code128Of(`FL-NEST-${"X".repeat(17)}`)).toBeNull();
  expect(code128Of("")).toBeNull();
});
