import type { Segment } from "@flashline/dfu-core";
import { hex32, sizeText } from "../terminal/units.ts";

const STEPS = [" ", "░", "▒", "▓", "█"] as const;

/** The share of each stretch of memory that the image covers, as one line of blocks between its first and last address. */
export function mapPicture(segments: readonly Segment[], columns: number): string {
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return "";
  const from = first.address;
  const span = last.address + last.data.length - from;
  const width = Math.max(16, Math.min(64, columns - 26));
  const cell = Math.ceil(span / width);
  const cells = Array.from({ length: Math.ceil(span / cell) }, (_, at) => {
    const start = from + at * cell;
    const end = Math.min(start + cell, from + span);
    const covered = segments.reduce(
      (sum, { address, data }) =>
        sum + Math.max(0, Math.min(end, address + data.length) - Math.max(start, address)),
      0,
    );
    const step = covered === 0 ? 0 : Math.max(1, Math.round((covered / (end - start)) * 4));
    return STEPS[step] ?? " ";
  });
  return `  ${hex32(from)} |${cells.join("")}| ${sizeText(cell)} each`;
}
