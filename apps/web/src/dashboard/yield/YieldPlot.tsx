import type { YieldView } from "@flashline/contract";
import { percent, range, tick } from "../../shared/format.ts";
import { Plot, type PlotArea } from "../parts/chart/Plot.tsx";
import { Whisker } from "../parts/chart/Whisker.tsx";
import { FEW, ticksOf, yieldDomain } from "../parts/interval.ts";
import { type Deed, placeOf } from "./deeds.ts";
import type { ControlChart } from "./limits.ts";

export type Bucket = YieldView["buckets"][number];

const isUsed = ({ firstPass, unitsPassed }: Bucket): boolean =>
  firstPass.n + (unitsPassed ?? 0) > 0;

/** The stretches from the first to the last with a unit: the empty rest of the time would only make them small. */
export function aroundUsed(buckets: readonly Bucket[]): readonly Bucket[] {
  const has = buckets.map(isUsed);
  const first = has.indexOf(true);
  return first === -1 ? [] : buckets.slice(first, has.lastIndexOf(true) + 1);
}

interface Props {
  readonly buckets: readonly Bucket[];
  /** Share of all of them. */
  readonly all: number | null;
  /** Limits instead of intervals. */
  readonly control: ControlChart | undefined;
  /** What was done meanwhile; its number stands in the chart. */
  readonly deeds: readonly Deed[];
}

/** First-pass yield over the time, with intervals or with control limits. */
export function YieldPlot({ buckets, all, control, deeds }: Props) {
  const used = buckets.filter(({ firstPass }) => firstPass.n > 0);
  // A stretch of few units has a long whisker; it may leave the picture rather than flatten all the others.
  const sure = used.filter(({ firstPass }) => firstPass.n >= FEW);
  const lows = (sure.length > 0 ? sure : used).map(({ firstPass }) => firstPass.low);
  const domain = yieldDomain([...lows, ...used.map(({ firstPass }) => firstPass.share ?? 1)]);
  return (
    <Plot
      label="First pass over time"
      places={buckets.length}
      domain={domain}
      ticks={ticksOf(domain)}
      tick={tick}
    >
      {(area) => (
        <>
          {control !== undefined && <Band control={control} area={area} />}
          {all !== null && (
            <line
              className="day"
              x1={area.left}
              x2={area.right}
              y1={area.y(all)}
              y2={area.y(all)}
            />
          )}
          {deeds.map(({ id, at, what }, index) => {
            const place = placeOf(at, buckets);
            if (place === null) return null;
            const x = area.x(0) + (place - 0.5) * area.step;
            return (
              <g key={id} className="deed">
                <title>{what}</title>
                <line x1={x} x2={x} y1={area.top} y2={area.bottom} />
                <text x={x + 3} y={area.bottom - 4}>
                  {index + 1}
                </text>
              </g>
            );
          })}
          {buckets.map((bucket, at) => {
            const point = control?.points[at];
            return (
              <g key={bucket.from}>
                {control === undefined ? (
                  <Whisker
                    value={bucket.firstPass}
                    x={area.x(at)}
                    area={area}
                    domain={domain}
                    say={say(bucket)}
                  />
                ) : (
                  <Point bucket={bucket} point={point} x={area.x(at)} area={area} />
                )}
                <Label bucket={bucket} at={at} area={area} />
              </g>
            );
          })}
        </>
      )}
    </Plot>
  );
}

interface PointProps {
  readonly bucket: Bucket;
  readonly point: ControlChart["points"][number] | undefined;
  readonly x: number;
  readonly area: PlotArea;
}

function Point({ bucket, point, x, area }: PointProps) {
  const { share, n } = bucket.firstPass;
  if (share === null) return null;
  const isSignal = point !== undefined && (point.isOut || point.isRun);
  const size = Math.min(5.5, area.step / 4 + 1);
  return (
    <g className={n < FEW ? "few" : "enough"}>
      <title>{say(bucket)}</title>
      {isSignal && <circle className="ring" cx={x} cy={area.y(share)} r={size + 4} />}
      <circle cx={x} cy={area.y(share)} r={size} />
    </g>
  );
}

/** The limits as steps: each stretch has its own, by how many units it had. */
function Band({ control, area }: { readonly control: ControlChart; readonly area: PlotArea }) {
  return (
    <g className="band">
      {control.points.map(({ low, high }, at) => {
        const x = area.x(at) - area.step / 2;
        const [top, bottom] = [area.y(high), area.y(low)];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is what it is
          <g key={at}>
            <rect x={x} y={top} width={area.step} height={Math.max(0, bottom - top)} />
            <line x1={x} x2={x + area.step} y1={bottom} y2={bottom} />
            <line x1={x} x2={x + area.step} y1={top} y2={top} />
          </g>
        );
      })}
    </g>
  );
}

interface LabelProps {
  readonly bucket: Bucket;
  readonly at: number;
  readonly area: PlotArea;
}

/** What a place of the axis is, and how many units it stands for. */
export function Label({ bucket, at, area }: LabelProps) {
  if (at % area.labelEach !== 0) return null;
  return (
    <>
      <text className="hour" x={area.x(at)} y={area.bottom + 20} textAnchor="middle">
        {bucket.label}
      </text>
      <text className="n" x={area.x(at)} y={area.bottom + 36} textAnchor="middle">
        n {bucket.firstPass.n}
      </text>
    </>
  );
}

function say({ label, firstPass }: Bucket): string {
  if (firstPass.share === null) return `${label}: no units`;
  return `${label}: ${percent(firstPass.share)} (${range(firstPass.low, firstPass.high)}), ${firstPass.count} of ${firstPass.n}`;
}
