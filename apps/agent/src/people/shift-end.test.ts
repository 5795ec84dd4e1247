import { expect, test } from "vitest";
import { shiftEndAfter } from "./shift-end.ts";

const SHIFTS = [
  { start: "06:00", end: "14:00" },
  { start: "13:45", end: "22:00" },
  { start: "22:00", end: "06:00" },
];
const VIENNA = "Europe/Vienna";
const endOf = (came: string, shifts = SHIFTS) => {
  const end = shiftEndAfter(Date.parse(came), shifts, VIENNA);
  return end === null ? null : new Date(end).toISOString();
};

test.each([
  ["in the middle of a shift", "2026-11-25T09:30:20+01:00", "2026-11-25T13:00:00.000Z"],
  ["at its very beginning", "2026-11-25T06:00:00+01:00", "2026-11-25T13:00:00.000Z"],
  ["a little before it begins", "2026-11-25T05:50:00+01:00", "2026-11-25T13:00:00.000Z"],
  ["where two overlap, in the later one", "2026-11-25T13:50:00+01:00", "2026-11-25T21:00:00.000Z"],
  ["over midnight", "2026-11-25T22:10:00+01:00", "2026-11-26T05:00:00.000Z"],
  ["after midnight", "2026-11-26T03:00:00+01:00", "2026-11-26T05:00:00.000Z"],
  ["in the night that is an hour longer", "2026-10-24T22:10:00+02:00", "2026-10-25T05:00:00.000Z"],
  ["in the night that is an hour shorter", "2026-03-28T22:10:00+01:00", "2026-03-29T04:00:00.000Z"],
])("who comes %s leaves at the end of that shift by the plant's clock", (_when, came, end) => {
  expect(endOf(came)).toBe(end);
});

test("outside of every shift nobody is sent home, and without a known zone the PC's own counts", () => {
  expect(endOf("2026-11-25T16:00:00+01:00", [{ start: "06:00", end: "14:00" }])).toBeNull();
  expect(endOf("2026-11-25T16:00:00+01:00", [])).toBeNull();
  expect(
    shiftEndAfter(Date.now(), [{ start: "00:00", end: "00:00" }], "Mars/North"),
  ).not.toBeNull();
});
