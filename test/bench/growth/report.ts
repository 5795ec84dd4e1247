import { cpus } from "node:os";
import { markdown } from "../document.ts";
import type { GrowthFigure, ListFigure } from "./measure.ts";

/** Milliseconds at p95, up to so many attempts and above. */
const TARGET_MS = 100;
const LARGE = 2_000_000;
const LARGE_TARGET_MS = 150;

const targetAt = (attempts: number): number => (attempts > LARGE ? LARGE_TARGET_MS : TARGET_MS);
const isGivenUp = (value: number): boolean => value === Number.POSITIVE_INFINITY;
function ms(value: number): string {
  if (isGivenUp(value)) return "given up";
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** Reads whatever a selection of attempts reached: its units' number says how long it may take, as {@link missedList} has it. */
const looksAtAll = (name: string): boolean => /^(containment|attemptsList|unitsList)/.test(name);

/** What took longer than it may. */
export function missedGrowth(
  figures: readonly GrowthFigure[],
  attempts: number,
): readonly string[] {
  const target = targetAt(attempts);
  return figures
    .filter(({ name, p95 }) => isGivenUp(p95) || (p95 > target && !looksAtAll(name)))
    .map(
      ({ name, p95 }) => `${name}: ${ms(p95)}${isGivenUp(p95) ? "" : " ms"}, target ${target} ms`,
    );
}

/** For so many units the list of what is to be called back may take so long, seconds. */
const LIST_UNITS = 100_000;
const LIST_S = 30;

export const reportList = ({ units, seconds }: ListFigure): string =>
  `\`containment.csv\` of all ${units} units was read in ${seconds.toFixed(1)} s (target: ${LIST_S} s for ${LIST_UNITS}).`;

/** What it took longer than it may. */
export const missedList = ({ units, seconds }: ListFigure): readonly string[] =>
  seconds <= (LIST_S * Math.max(units, LIST_UNITS)) / LIST_UNITS
    ? []
    : [`containment.csv: ${seconds.toFixed(1)} s for ${units} units`];

/** The table; `before` are rows of an earlier server on the same database. */
export function reportGrowth(
  figures: readonly GrowthFigure[],
  before: readonly Pick<GrowthFigure, "name" | "p95">[],
  attempts: number,
): string {
  const rows = figures.map(({ name, p50, p95, bytes }) => {
    const old = before.find((row) => row.name === name);
    return [
      name,
      old === undefined ? "" : ms(old.p95),
      ms(p50),
      ms(p95),
      (bytes / 1024).toFixed(1),
    ];
  });
  const head = ["asked", "before, p95", "p50", "p95", "KiB"];
  const [cpu] = cpus();
  const machine = `${cpu?.model ?? "unknown"}, ${cpus().length} cores, Node.js ${process.version}`;
  const day = new Date().toISOString().slice(0, 10);
  const target = `Target: ${targetAt(attempts)} ms at p95.`;
  return `Measured on ${day}: ${machine}. ${attempts} attempts. Milliseconds. ${target}\n\n${markdown(head, rows)}`;
}
