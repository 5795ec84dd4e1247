import { expect, test } from "vitest";
import { z } from "zod";
import {
  chosenOf,
  cohortOf,
  selectionOf,
  selectionSearch,
  withSelection,
  withTime,
} from "./selection.ts";
import { sayTime } from "./words.ts";

test("what an address names and nobody understands is left out, and the rest stays", () => {
  const parse = (search: object) => z.object(selectionSearch).parse(search);
  expect(parse({ window: "last-week", outcome: "MAYBE", blame: "me", from: "today" })).toEqual({
    window: "last-week",
  });
});

test("only the selection goes along to another page", () => {
  const search = { station: "L3-07", window: "today", by: "host", only: "first", wall: "" };
  expect(selectionOf(search)).toEqual({ station: "L3-07", window: "today" });
});

test("a yield is not asked of those alone that ended in one way", () => {
  const failed = { outcome: "FAIL", code: "link.lost", blame: "host", line: "L3" } as const;
  expect(cohortOf(failed)).toEqual({ line: "L3" });
});

test("a page that shows today without saying so says it to the lists that it leads to", () => {
  expect(withTime({ product: "MC-2" })).toEqual({ product: "MC-2", window: "today" });
  expect(withTime({ day: "2026-11-24" })).toEqual({ day: "2026-11-24" });
});

test("times are no filters to take off", () => {
  const selection = { from: "2026-11-20T06:00:00Z", line: "L3", product: "MC-2" };
  expect(chosenOf(selection)).toEqual([
    ["line", "L3"],
    ["product", "MC-2"],
  ]);
});

test("a file has the list's selection and which tries it shows", () => {
  const selection = { order: "A&B 1", outcome: "FAIL", only: "counted" } as const;
  expect(withSelection("/v1/attempts.csv", selection)).toBe(
    "/v1/attempts.csv?order=A%26B+1&outcome=FAIL&only=counted",
  );
  expect(withSelection("/v1/units.csv", {})).toBe("/v1/units.csv");
});

test("a time is told as it was asked for", () => {
  const say = (selection: Parameters<typeof sayTime>[0]) => sayTime(selection, "All times", "UTC");
  expect(say({ window: "last-shift" })).toBe("Last shift");
  expect(say({ day: "2026-11-24", shift: "Night" })).toBe("2026-11-24, Night shift");
  expect(say({ from: "2026-11-20T06:00:00Z", to: "2026-11-21T06:00:00Z" })).toBe(
    "20 Nov 2026, 06:00 – 21 Nov 2026, 06:00",
  );
  expect(say({})).toBe("All times");
});
