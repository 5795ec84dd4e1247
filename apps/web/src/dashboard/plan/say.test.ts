import { type PaceView, PlanView } from "@flashline/contract";
import { expect, test } from "vitest";
import { addDays, daysBetween, dayWords, todayIn } from "./days.ts";
import { atTheEnd, byShift, productsText, standing, usualWorkMs, workTime } from "./say.ts";

const PLAN = { units: 420, taktMs: 60_000, made: 150, due: 195, ahead: -45, aheadMs: -2_700_000 };

test("ahead and behind are said in words, and a minute is not zero minutes", () => {
  expect(standing(PLAN)).toEqual({ name: "Behind", value: "45 units" });
  expect(standing({ ...PLAN, ahead: 1 })).toEqual({ name: "Ahead", value: "1 unit" });
  expect(standing({ ...PLAN, ahead: 0 }).name).toBe("On plan");
  expect([20_000, -2_700_000, 3_600_000, 5_000_000].map(workTime)).toEqual([
    ...["less than a minute", "45 min", "1 h", "1 h 23 min"],
  ]);
});

test("the shift's end is foretold only from enough units", () => {
  const pace = { plan: PLAN, projected: 323 } as PaceView;
  expect(atTheEnd(pace)).toBe("at the pace so far, 97 units short of the plan");
  expect(atTheEnd({ ...pace, projected: 420 })).toBe("at the pace so far: just the plan");
  expect(atTheEnd({ ...pace, projected: null })).toBe("too few units to say");
});

test("a shift over midnight works from its begin to its end without its breaks", () => {
  const breaks = [{ start: "23:45", end: "00:15" }];
  expect(usualWorkMs({ start: "22:00", end: "06:00", breaks })).toBe(7.5 * 3_600_000);
  expect(usualWorkMs({ start: "00:00", end: "00:00", breaks: [] })).toBe(86_400_000);
});

test("plans of one shift are one row, by day, line and the plant's order of shifts", () => {
  const plan = (day: string, shift: string, product: string | null, units: number) =>
    PlanView.parse({
      id: crypto.randomUUID(),
      plant: "Graz",
      line: "L3",
      day,
      shift,
      product,
      units,
      workingMs: 1,
    });
  const rows = byShift(
    [
      plan("2026-11-25", "early", null, 9),
      plan("2026-11-24", "late", "MC-2", 100),
      plan("2026-11-24", "early", null, 8),
      plan("2026-11-24", "late", "PSU-40", 20),
    ],
    (_plant, shift) => ["early", "late"].indexOf(shift),
  );
  expect(rows.map(({ day, shift, units }) => [day, shift, units])).toEqual([
    ["2026-11-24", "early", 8],
    ["2026-11-24", "late", 120],
    ["2026-11-25", "early", 9],
  ]);
  expect(rows.map(productsText)).toEqual([
    ...["whatever is made", "MC-2 100, PSU-40 20", "whatever is made"],
  ]);
});

test("days are those of the calendar, also where the clock is changed", () => {
  expect(addDays("2026-10-24", 2)).toBe("2026-10-26");
  expect(daysBetween("2026-11-27", "2026-11-30", false)).toEqual(["2026-11-27", "2026-11-30"]);
  expect(daysBetween("2026-11-28", "2026-11-29", true)).toHaveLength(2);
  expect(dayWords("2026-11-24")).toBe("Tue 24 Nov 2026");
  expect(todayIn("Asia/Kuala_Lumpur", Date.parse("2026-11-29T17:00:00Z"))).toBe("2026-11-30");
});
