import { expect, test } from "vitest";
import { readPlanRows } from "./plan-list.ts";

const read = (...rows: readonly string[]) =>
  readPlanRows(rows.map((row, at) => ({ line: at + 1, cells: row.split(",") })));

test("a list of plans is read by its heads, in whatever order they are", () => {
  expect(
    read(
      "Day,shift,LINE,units,product",
      "2026-11-30,early,L3, 480 ,",
      "2026-11-30,late,L3,20,MC-2",
    ),
  ).toEqual({
    kind: "rows",
    rows: [
      { row: 2, line: "L3", day: "2026-11-30", shift: "early", units: 480 },
      { row: 3, line: "L3", day: "2026-11-30", shift: "late", units: 20, product: "MC-2" },
    ],
  });
});

test.each([
  [[], "The file is empty."],
  [["line,day,shift,units"], "The file has no row below its heads."],
  [["line,day,units", "L3,2026-11-30,4"], 'The first line has no column "shift".'],
  [
    ["line,day,shift,units,colour", ""],
    'The first line has a column "colour"; it may have plant, line, day, shift, product, units.',
  ],
  [
    ["line,day,shift,units", "L3,2026-11-30,early,12.5"],
    'Line 2 of the file: units "12.5" is no whole number.',
  ],
  [
    ["line,day,shift,units", "L3,2026-11-30,early"],
    'Line 2 of the file: units "" is no whole number.',
  ],
])("%j cannot be read: %s", (rows, why) => {
  expect(read(...rows)).toEqual({ kind: "unreadable", why });
});
