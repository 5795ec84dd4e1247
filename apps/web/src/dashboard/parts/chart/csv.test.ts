import { expect, test } from "vitest";
import { csvOf } from "./csv.ts";

test("a chart's table as a file that a spreadsheet reads and does not run", () => {
  const table = {
    columns: ["host", "share"],
    rows: [
      ["L3-07, left", 0.95],
      ['=cmd|"x"', -1],
      ["plain", null],
    ],
  };
  expect(csvOf(table)).toBe('host,share\r\n"L3-07, left",0.95\r\n"\'=cmd|""x""",-1\r\nplain,\r\n');
});
