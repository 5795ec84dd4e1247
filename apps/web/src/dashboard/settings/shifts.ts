interface Shift {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

const LINE = /^(.+?)\s+([01]?\d|2[0-3]):([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-3]):([0-5]\d)$/;

export type ReadShifts =
  | { readonly kind: "shifts"; readonly shifts: Shift[] }
  | { readonly kind: "unreadable"; readonly line: string };

/** Shifts as a person writes them, one a line: "early 06:00-14:00". */
export function readShifts(text: string): ReadShifts {
  const shifts: Shift[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "") continue;
    const [, name = "", h1 = "", m1 = "", h2 = "", m2 = ""] = LINE.exec(line) ?? [];
    if (name === "") return { kind: "unreadable", line };
    const start = `${h1.padStart(2, "0")}:${m1}`;
    shifts.push({ name, start, end: `${h2.padStart(2, "0")}:${m2}` });
  }
  return { kind: "shifts", shifts };
}

export const shiftsText = (shifts: readonly Shift[]): string =>
  shifts.map(({ name, start, end }) => `${name} ${start}-${end}`).join("\n");
