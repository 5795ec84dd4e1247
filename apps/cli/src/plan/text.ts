import type { PaceView } from "@flashline/contract";
import { table } from "../terminal/units.ts";

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const minutes = (ms: number): string => `${Math.round(Math.abs(ms) / 60_000)} min`;

function planLines({ plan, projected }: PaceView): string {
  if (plan === null) return "  no plan for this shift\n";
  const { made, units, due, ahead, aheadMs, taktMs } = plan;
  const stands =
    ahead === 0
      ? "on plan"
      : `${Math.abs(ahead)} ${ahead > 0 ? "ahead" : "behind"}, ${minutes(aheadMs)} of work`;
  const end =
    projected === null
      ? "  at the shift's end: too little to say\n"
      : `  at the shift's end about ${projected} at the pace so far\n`;
  return `  ${made} of ${units}, should stand at ${due}: ${stands}\n  takt ${seconds(taktMs)}\n${end}`;
}

/** A line's shift for a person. */
export function paceText(pace: PaceView): string {
  const { plant, line, shift, made, cycle, products, stations } = pace;
  if (shift === null) return `${line}, ${plant}: no shift is on now\n`;
  const fast = (ms: number | null) => (ms === null ? "too few to say" : `one in ${seconds(ms)}`);
  const rows = stations.map((one) => [`  ${one.station}`, `${one.made} made`, fast(one.cycle.ms)]);
  const planned = products.flatMap((one) =>
    one.units === null ? [] : [`  ${one.product}: ${one.made} of ${one.units}\n`],
  );
  return [
    `${line}, ${plant}  ${shift.name} of ${shift.day}${pace.virtual ? "  (virtual units)" : ""}\n`,
    `  ${made} made, ${fast(cycle.ms)}\n`,
    planLines(pace),
    ...planned,
    rows.length === 0 ? "" : table(rows),
  ].join("");
}
