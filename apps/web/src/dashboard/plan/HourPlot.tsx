import type { PaceView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import "../styles/plan.css";
import "../styles/yield.css";
import { count, duration } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { Plot, type PlotArea } from "../parts/chart/Plot.tsx";
import { stepsTo } from "../parts/chart/steps.ts";

type Bucket = PaceView["buckets"][number];

const rounded = (planned: number | null): number | null =>
  planned === null ? null : Math.round(planned * 10) / 10;

/** What a line made in its shift hour by hour, against its share of the plan. Nothing without a plan. */
export function HourPlot({ plant, line }: { readonly plant: string; readonly line: string }) {
  const { data: pace } = useQuery(queries.pace({ plant, line }));
  if (pace === undefined || pace.shift === null || pace.plan === null) return null;
  const { buckets, stations, plan } = pace;
  const isMade = buckets.some(({ made }) => made > 0);
  return (
    <>
      <ChartFrame
        title="Output by hour"
        hint="Bars: different units that passed for the first time in the hour. Line: what the plan asks of it, by working time; a break asks less."
        empty="No unit has passed in this shift yet."
        table={{
          columns: ["from", "to", "made", "planned", "made so far", "planned so far"],
          rows: isMade ? rowsOf(buckets) : [],
        }}
      >
        <Bars buckets={buckets} />
      </ChartFrame>
      {stations.length > 1 && (
        <p className="hint station-cycles">
          {stations
            .map(({ station, made, cycle }) => {
              const fast = cycle.ms === null ? "too few to say" : `one in ${duration(cycle.ms)}`;
              return `${station}: ${count(made)}, ${fast}`;
            })
            .join(" · ")}
          . Together one in {duration(plan.taktMs)} is needed.
        </p>
      )}
    </>
  );
}

function rowsOf(buckets: readonly Bucket[]) {
  let made = 0;
  let planned = 0;
  return buckets.map((bucket) => {
    made += bucket.made;
    planned += bucket.planned ?? 0;
    return [
      ...[bucket.from, bucket.to, bucket.made, rounded(bucket.planned)],
      ...[made, rounded(planned)],
    ];
  });
}

function Bars({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const most = Math.max(1, ...buckets.flatMap(({ made, planned }) => [made, planned ?? 0]));
  const ticks = stepsTo(most);
  return (
    <Plot
      label="Units that passed against the plan, by hour"
      places={buckets.length}
      domain={[0, ticks.at(-1) ?? 1]}
      ticks={ticks}
      tick={(value) => count(value)}
    >
      {(area) =>
        buckets.map((bucket, at) => <Hour key={bucket.from} bucket={bucket} at={at} area={area} />)
      }
    </Plot>
  );
}

interface HourProps {
  readonly bucket: Bucket;
  readonly at: number;
  readonly area: PlotArea;
}

function Hour({ bucket: { label, made, planned }, at, area }: HourProps) {
  const width = Math.max(2, area.step * 0.6);
  const x = area.x(at);
  const says = planned === null ? "" : `, ${rounded(planned)} planned`;
  return (
    <g>
      <title>{`${label}: ${count(made)} made${says}`}</title>
      <rect
        className="made"
        x={x - width / 2}
        y={area.y(made)}
        width={width}
        height={area.bottom - area.y(made)}
      />
      {planned !== null && (
        <line
          className="planned"
          x1={x - area.step / 2}
          x2={x + area.step / 2}
          y1={area.y(planned)}
          y2={area.y(planned)}
        />
      )}
      {at % area.labelEach === 0 && (
        <text className="hour" x={x} y={area.bottom + 20} textAnchor="middle">
          {label}
        </text>
      )}
    </g>
  );
}
