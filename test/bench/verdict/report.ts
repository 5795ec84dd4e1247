import { markdown } from "../document.ts";
import type { VerdictRow } from "./rows.ts";

const HEAD = ["plant", "what", "watched", "detector", "target", "met", "CUSUM", "before"];

const met = ({ isMet }: VerdictRow): string => {
  if (isMet === undefined) return "";
  return isMet ? "yes" : "**no**";
};

/** The table, with the plants that it was made of. `isSecond`: of the second simulator. */
export function reportVerdict(
  rows: readonly VerdictRow[],
  { seeds, first, isSecond }: { seeds: number; first: number; isSecond: boolean },
): string {
  const lines = rows.map((row) => [
    ...[row.plant, row.what, row.of, row.detector, row.target, met(row), row.cusum, row.before],
  ]);
  const of = `Seeds ${first} to ${first + seeds - 1} (\`${isSecond ? "--second " : ""}--seeds ${seeds} --first ${first}\`). Two figures: median and 90 % quantile.`;
  return `${of}\n\n${markdown(HEAD, lines)}`;
}
