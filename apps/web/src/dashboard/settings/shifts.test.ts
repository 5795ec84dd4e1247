import { expect, test } from "vitest";
import { readShifts, shiftsText } from "./shifts.ts";

test("shifts are read as they are written", () => {
  const shifts = [
    { name: "early", start: "06:00", end: "14:00", breaks: [] },
    {
      name: "late shift",
      start: "14:00",
      end: "22:00",
      breaks: [
        { start: "17:00", end: "17:15" },
        { start: "19:30", end: "20:00" },
      ],
    },
  ];
  expect(readShifts(shiftsText(shifts))).toEqual({ kind: "shifts", shifts });
  expect(readShifts("early 6:00 – 14:00\n\n")).toMatchObject({ shifts: [shifts[0]] });
  const oneBreak = [{ start: "09:00", end: "09:15" }];
  expect(readShifts("early 06:00-14:00, break 9:00–9:15")).toMatchObject({
    shifts: [{ name: "early", breaks: oneBreak }],
  });
});

test("a line that is no shift is named", () => {
  expect(readShifts("early 06:00-14:00\nlate 14-22")).toEqual({
    kind: "unreadable",
    line: "late 14-22",
  });
  expect(readShifts("early 06:00-14:00 breaks noon")).toEqual({
    kind: "unreadable",
    line: "early 06:00-14:00 breaks noon",
  });
});
