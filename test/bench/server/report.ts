import { cpus } from "node:os";
import { markdown } from "../document.ts";
import type { LoadSummary, ServerFigure } from "./figures.ts";
import type { IdleFigure } from "./measure.ts";

/** What issue and plant ask for: parts of the floor's rate, and milliseconds at half of the rate reached. */
const LEAST_RATIO = 0.35;
const MOST_IN_HAND_MS = 80;
const MOST_ACKNOWLEDGED_MS = 60;

const whole = (value: number) => value.toFixed(0);
const pair = ([middle, high]: readonly [number, number]) => `${whole(middle)} / ${whole(high)}`;

function costCells({ serverMs, databaseMs, statements, transactions }: LoadSummary) {
  return [serverMs, databaseMs, statements, transactions].map((value) => value.toFixed(1));
}

function cells({ name, floor, full, half }: ServerFigure): readonly string[] {
  return [
    name,
    whole(full.rate),
    whole(floor),
    (full.rate / floor).toFixed(2),
    ...costCells(full),
    pair(half.inHand),
    pair(half.acknowledged),
  ];
}

/** What was asked for and not reached. */
export function missedBy(figures: readonly ServerFigure[]): readonly string[] {
  return figures.flatMap(({ name, floor, full, half }) => [
    ...(full.rate / floor < LEAST_RATIO
      ? [`${name}: ${(full.rate / floor).toFixed(2)} of the floor`]
      : []),
    ...(half.inHand[1] > MOST_IN_HAND_MS ? [`${name}: in hand ${whole(half.inHand[1])} ms`] : []),
    ...(half.acknowledged[1] > MOST_ACKNOWLEDGED_MS
      ? [`${name}: acknowledged ${whole(half.acknowledged[1])} ms`]
      : []),
  ]);
}

/** The table; `before` are rows of an earlier server. */
export function reportServer(
  figures: readonly ServerFigure[],
  before: readonly ServerFigure[],
  idle: IdleFigure | undefined,
): string {
  const head = [
    ...["server", "units/s", "pgbench", "ratio", "server ms", "database ms", "statements"],
    ...["transactions", "in hand p50 / p99", "acknowledged p50 / p99"],
  ];
  const rows = [
    ...before.map((old) => cells({ ...old, name: `before: ${old.name}` })),
    ...figures.map(cells),
  ];
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const waiting =
    idle === undefined
      ? ""
      : `\n${idle.stations} stations that wait: server ${percent(idle.server)}, database ${percent(idle.database)} of a core.\n`;
  const [cpu] = cpus();
  const machine = `${cpu?.model ?? "unknown"}, ${cpus().length} cores, Node.js ${process.version}`;
  const day = new Date().toISOString().slice(0, 10);
  return `Measured on ${day}: ${machine}.\n\n${markdown(head, rows)}${waiting}`;
}
