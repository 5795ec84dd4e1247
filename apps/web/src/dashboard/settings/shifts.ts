interface Break {
  readonly start: string;
  readonly end: string;
}
interface Shift extends Break {
  readonly name: string;
  readonly breaks: Break[];
}

const TIMES = /([01]?\d|2[0-3]):([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-3]):([0-5]\d)/;
const LINE = new RegExp(`^(.+?)\\s+${TIMES.source}(?:\\s*,?\\s*breaks?:?\\s+(.+))?$`);
const ONE_BREAK = new RegExp(`^${TIMES.source}$`);

export type ReadShifts =
  | { readonly kind: "shifts"; readonly shifts: Shift[] }
  | { readonly kind: "unreadable"; readonly line: string };

const two = (hours: string): string => hours.padStart(2, "0");

/** Breaks one behind the other; undefined where one of them cannot be read. */
function readBreaks(text: string): Break[] | undefined {
  const breaks: Break[] = [];
  for (const part of text.split(/,|;| and /).map((one) => one.trim())) {
    if (part === "") continue;
    const [found, h1 = "", m1 = "", h2 = "", m2 = ""] = ONE_BREAK.exec(part) ?? [];
    if (found === undefined) return undefined;
    breaks.push({ start: `${two(h1)}:${m1}`, end: `${two(h2)}:${m2}` });
  }
  return breaks;
}

/** Shifts as a person writes them, one a line: "early 06:00-14:00 breaks 09:00-09:15, 12:00-12:30". */
export function readShifts(text: string): ReadShifts {
  const shifts: Shift[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "") continue;
    const [, name = "", h1 = "", m1 = "", h2 = "", m2 = "", pauses = ""] = LINE.exec(line) ?? [];
    const breaks = readBreaks(pauses);
    if (name === "" || breaks === undefined) return { kind: "unreadable", line };
    shifts.push({ name, start: `${two(h1)}:${m1}`, end: `${two(h2)}:${m2}`, breaks });
  }
  return { kind: "shifts", shifts };
}

const span = ({ start, end }: Break): string => `${start}-${end}`;

export const shiftsText = (shifts: readonly Shift[]): string =>
  shifts
    .map(({ name, breaks, ...times }) => {
      const pauses = breaks.length === 0 ? "" : ` breaks ${breaks.map(span).join(", ")}`;
      return `${name} ${span(times)}${pauses}`;
    })
    .join("\n");
