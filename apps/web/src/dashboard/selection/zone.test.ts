import { expect, test } from "vitest";
import { daysBetween, lastDays } from "./zone.ts";

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

test("the last days are those of the plant's calendar, and a shift of today that has not begun is none yet", () => {
  const now = Date.parse("2026-10-26T22:30:00Z");
  const [today, before, third] = lastDays(3, "Europe/Vienna", now);
  expect([today, before, third].map((day) => [day?.day, day?.name])).toEqual([
    ["2026-10-26", "Mon 26 Oct"],
    ["2026-10-25", "Sun 25 Oct"],
    ["2026-10-24", "Sat 24 Oct"],
  ]);
  expect(lastDays(1, "Asia/Tokyo", now)[0]?.day).toBe("2026-10-27");
  expect([today?.begins("23:30"), today?.begins("23:31"), before?.begins("23:59")]).toEqual([
    true,
    false,
    true,
  ]);
});
