import { expect, test } from "vitest";
import { placeOf } from "./deeds.ts";

test("a deed stands where its time is, and nowhere where the chart has no such time", () => {
  const hours = [
    { from: "2026-11-20T06:00:00Z", to: "2026-11-20T07:00:00Z" },
    { from: "2026-11-20T08:00:00Z", to: "2026-11-20T09:00:00Z" },
  ];
  expect(placeOf("2026-11-20T06:30:00.000Z", hours)).toBe(0.5);
  expect(placeOf("2026-11-20T09:00:00+01:00", hours)).toBe(1);
  expect(placeOf("2026-11-20T07:30:00Z", hours)).toBeNull();
});
