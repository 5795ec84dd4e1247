import type { HostVerdicts } from "@flashline/contract";
import { count, counted } from "../../shared/format.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { usePictureWidth } from "../parts/printed.ts";
import { when } from "../parts/time.ts";
import { heightOf, TOP_R } from "./evidence.ts";

interface Props {
  readonly verdicts: HostVerdicts;
  readonly zone: string | undefined;
  readonly children?: React.ReactNode;
}

const HEIGHT = 236;
const LEFT = 112;
const TOP = 8;
const PLOT = 200;

const y = (r: number): number => TOP + PLOT - PLOT * heightOf(r);

/** R after each block on a logarithmic scale, with where the rungs are. `children`: what is said below it. */
export function EvidenceChart({ verdicts, zone, children }: Props) {
  const { series, limits } = verdicts;
  const last = series.at(-1);
  return (
    <ChartFrame
      title="Evidence"
      hint="A healthy host reaches a height of R less than once in as many units."
      empty="Nothing to draw yet. A point comes with each block of units that this host shares with others."
      table={{
        columns: [
          ...["at", "R", "D", "units here", "lost the link", "units elsewhere", "lost it there"],
          "rung",
        ],
        rows: series.map(({ at, r, d, n, y: lost, m, c, rung }) => [
          ...[at, Math.round(r), Math.round(d), n, lost, m, c, rung],
        ]),
      }}
    >
      <Line verdicts={verdicts} zone={zone} />
      {last !== undefined && (
        <p className="hint">
          R {last.r >= TOP_R ? "at its end" : count(Math.round(last.r))} after{" "}
          {counted(series.length, "block")}; evidence of health D {count(Math.round(last.d))}. A
          step to OK needs D {count(limits.healed)}, after a recorded repair{" "}
          {count(limits.healedAfterRepair)}.
        </p>
      )}
      {children}
    </ChartFrame>
  );
}

function Line({ verdicts: { series, limits }, zone }: Omit<Props, "children">) {
  // As wide as there is room, so that its letters stay readable.
  const { ref, width } = usePictureWidth();
  const [first] = series;
  const last = series.at(-1);
  if (first === undefined || last === undefined) return null;
  const right = Math.max(width, 240);
  const step = (right - LEFT - 12) / Math.max(1, series.length - 1);
  const points = series.map(({ r }, at) => `${LEFT + at * step},${y(r)}`).join(" ");
  return (
    <div ref={ref} className="plot" style={{ minHeight: HEIGHT }}>
      <svg
        className="running-evidence"
        width={right}
        height={HEIGHT}
        viewBox={`0 0 ${right} ${HEIGHT}`}
        role="img"
        aria-label="R, the evidence of a fault, block by block"
      >
        {Object.entries(limits.reached).map(([rung, r]) => (
          <g key={rung} className={`limit v-${rung}`}>
            <line x1={LEFT} x2={right} y1={y(r)} y2={y(r)} />
            <text x={LEFT - 8} y={y(r) + 4} textAnchor="end">
              {rung}
            </text>
          </g>
        ))}
        <polyline points={points} />
        <circle cx={LEFT + (series.length - 1) * step} cy={y(last.r)} r={4} />
        <text x={LEFT} y={HEIGHT - 8}>
          {when(first.at, zone)}
        </text>
        <text x={right} y={HEIGHT - 8} textAnchor="end">
          {when(last.at, zone)}
        </text>
      </svg>
    </div>
  );
}
