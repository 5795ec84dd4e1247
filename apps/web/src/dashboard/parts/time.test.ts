import { expect, test } from "vitest";
import { ago, clock, fullTime, when } from "./time.ts";

const at = "2026-11-20T09:42:07Z";

test("times are told in the plant's zone", () => {
  expect(clock(at, "Europe/Vienna")).toBe("10:42:07");
  expect(fullTime(at, "Europe/Vienna")).toBe("20 Nov 2026, 10:42:07");
});

test("an earlier day is told with its date, by the plant's midnight", () => {
  expect(when(at, "Europe/Vienna", "2026-11-20T22:00:00Z")).toBe("10:42:07");
  expect(when(at, "Europe/Vienna", "2026-11-20T23:30:00Z")).toBe("20 Nov 10:42");
});

test("a day of another year has its year, as soon as it might be taken for one of this year", () => {
  expect(when(at, "Europe/Vienna", "2027-01-02T08:00:00Z")).toBe("20 Nov 10:42");
  expect(when(at, "Europe/Vienna", "2027-11-19T08:00:00Z")).toBe("20 Nov 2026");
});

test("ages use one unit", () => {
  const later = (seconds: number): number => Date.parse(at) + seconds * 1000;
  expect([12, 300, 3 * 3600, 50 * 3600].map((age) => ago(at, later(age)))).toEqual([
    "12 s ago",
    "5 min ago",
    "3 h ago",
    "2 days ago",
  ]);
});
