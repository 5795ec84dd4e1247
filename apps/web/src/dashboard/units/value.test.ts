import { expect, test } from "vitest";
import { valueText } from "./value.ts";

test("a value, a number, an address as labels show it, and no secret", () => {
  expect(valueText({ value: "EU-16A", source: "given" })).toBe("EU-16A");
  expect(valueText({ value: "5000", source: "range" })).toBe("5000");
  expect(valueText({ value: String(0x70b3d5123003), source: "range" })).toBe("0x70B3D5123003");
  expect(valueText({ value: null, source: "secret" })).toBe("given, secret");
});
