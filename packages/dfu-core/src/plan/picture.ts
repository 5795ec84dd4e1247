import { hex32 } from "../errors.ts";
import { partsWithin } from "./content.ts";
import type { FlashPlan, PlannedSector } from "./plan.ts";

const WIDTH = 32;
/** Most rows of the picture; equal neighbours share one row. */
const MOST_ROWS = 24;

function row(plan: FlashPlan, sector: PlannedSector): string {
  const pieces = partsWithin(plan.runs, sector);
  const inside = (from: number, to: number, address: number, length: number) =>
    from < address + length && to > address;
  const rest = plan.remainder === "preserve" ? "=" : plan.remainder === "refuse" ? "?" : ".";
  return Array.from({ length: WIDTH }, (_, at) => {
    const from = sector.address + Math.floor((at * sector.size) / WIDTH);
    const to = sector.address + Math.ceil(((at + 1) * sector.size) / WIDTH);
    const { seal } = plan;
    if (seal !== undefined && inside(from, to, seal.address, seal.length)) return "S";
    return pieces.some(({ address, length }) => inside(from, to, address, length)) ? "#" : rest;
  }).join("");
}

/**
 * The touched sectors, one row each: `S` the seal, `#` written, `.` erased and not restored, `=` erased and restored, `?` must
 * be blank. A gap between sectors shows as `...`.
 */
export function planPicture(plan: FlashPlan): readonly string[] {
  const rows: { text: string; count: number; first: PlannedSector; end: number }[] = [];
  for (const sector of plan.sectors) {
    const text = row(plan, sector);
    const last = rows.at(-1);
    const follows = last?.end === sector.address;
    if (last !== undefined && follows && last.text === text && last.first.size === sector.size) {
      last.count += 1;
      last.end += sector.size;
    } else rows.push({ text, count: 1, first: sector, end: sector.address + sector.size });
  }
  const shown = rows.slice(0, MOST_ROWS);
  const lines = shown.flatMap(({ text, count, first }, index) => [
    ...(index > 0 && shown[index - 1]?.end !== first.address ? ["..."] : []),
    `${hex32(first.address)} |${text}|${count > 1 ? ` × ${count}` : ""}`,
  ]);
  return rows.length > MOST_ROWS ? [...lines, `(${rows.length - MOST_ROWS} rows more)`] : lines;
}
