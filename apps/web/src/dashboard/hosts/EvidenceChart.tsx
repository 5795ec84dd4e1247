import type { HostVerdicts } from "@flashline/contract";
import { count } from "../../shared/format.ts";
import { Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { heightOf, TOP_R } from "./evidence.ts";

interface Props {
  readonly verdicts: HostVerdicts;
  readonly zone: string | undefined;
}

const WIDTH = 720;
const HEIGHT = 236;
const LEFT = 112;
const TOP = 8;
const PLOT = 200;

const y = (r: number): number => TOP + PLOT - PLOT * heightOf(r);

/** R after each block on a logarithmic scale, with where the rungs are; the same in a table for those who do not see it. */
export function EvidenceChart({ verdicts: { series, limits }, zone }: Props) {
  const [first] = series;
  const last = series.at(-1);
  if (first === undefined || last === undefined) {
    return (
      <Empty title="Nothing to draw yet.">
        A point comes with each block of units that this host shares with others.
      </Empty>
    );
  }
  const step = (WIDTH - LEFT - 12) / Math.max(1, series.length - 1);
  const points = series.map(({ r }, at) => `${LEFT + at * step},${y(r)}`).join(" ");
  return (
    <>
      <svg
        className="evidence"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="xMinYMid"
        role="img"
        aria-label="R, the evidence of a fault, block by block"
      >
        {Object.entries(limits.reached).map(([rung, r]) => (
          <g key={rung} className={`limit v-${rung}`}>
            <line x1={LEFT} x2={WIDTH} y1={y(r)} y2={y(r)} />
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
        <text x={WIDTH} y={HEIGHT - 8} textAnchor="end">
          {when(last.at, zone)}
        </text>
      </svg>
      <p className="hint">
        R {last.r >= TOP_R ? "at its end" : count(Math.round(last.r))} after {count(series.length)}{" "}
        {series.length === 1 ? "block" : "blocks"}; evidence of health D {count(Math.round(last.d))}
        . A step to OK needs D {count(limits.healed)}, after a recorded repair{" "}
        {count(limits.healedAfterRepair)}.
      </p>
      <table className="unseen">
        <caption>R block by block</caption>
        <tbody>
          {series.map((point) => (
            <tr key={`${point.at} ${point.r}`}>
              <th scope="row">{when(point.at, zone)}</th>
              <td>
                R {count(Math.round(point.r))}: {point.y} of {point.n} units here, {point.c} of{" "}
                {point.m} elsewhere, {point.rung}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
