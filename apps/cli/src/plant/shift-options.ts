import { InvalidArgumentError } from "commander";
import { Refusal } from "../refusal.ts";

/** A shift as it is asked for. */
export interface AskedShift {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

/** NAME=FROM-TO, for options that may be given several times. */
export function namedTimes(text: string, before: readonly AskedShift[]): readonly AskedShift[] {
  const match = /^(.+)=(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text);
  const [, name, start, end] = match ?? [];
  if (name === undefined || start === undefined || end === undefined)
    throw new InvalidArgumentError("Expected NAME=FROM-TO, like early=06:00-14:00.");
  return [...before, { name, start, end }];
}

/** Shifts with the breaks that name them. Throws a Refusal of a break of no shift. */
export function shiftsWith(shifts: readonly AskedShift[], breaks: readonly AskedShift[]) {
  const strange = breaks.find(({ name }) => shifts.every((shift) => shift.name !== name));
  if (strange !== undefined) {
    const message = `--break ${strange.name}: no --shift is called so.`;
    throw new Refusal("usage.argument", message, { hint: "" });
  }
  return shifts.map((shift) => ({
    ...shift,
    breaks: breaks
      .filter(({ name }) => name === shift.name)
      .map(({ start, end }) => ({ start, end })),
  }));
}
