import { expect, test } from "vitest";
import { daysBetween } from "./zone.ts";

test("days begin and end at the plant's midnight, also where the clock is changed in between", () => {
  expect(daysBetween("2026-11-24", "2026-11-24", "Europe/Vienna")).toEqual({
    from: "2026-11-23T23:00:00.000Z",
    to: "2026-11-24T23:00:00.000Z",
  });
  // 25 hours and 23 hours long.
  expect(daysBetween("2026-10-25", "2026-10-25", "Europe/Vienna")).toEqual({
    from: "2026-10-24T22:00:00.000Z",
    to: "2026-10-25T23:00:00.000Z",
  });
  expect(daysBetween("2026-03-08", "2026-03-08", "America/Chicago")).toEqual({
    from: "2026-03-08T06:00:00.000Z",
    to: "2026-03-09T05:00:00.000Z",
  });
  expect(daysBetween("2026-12-31", "2027-01-01", "UTC")).toEqual({
    from: "2026-12-31T00:00:00.000Z",
    to: "2027-01-02T00:00:00.000Z",
  });
});
