import type { YieldView } from "@flashline/contract";
import { percent, range, tick } from "../../shared/format.ts";
import { FEW, place, spanOf, ticksOf, yieldDomain } from "../parts/interval.ts";
import { Empty } from "../parts/states.tsx";

type YieldBucket = YieldView["buckets"][number];

interface Props {
  readonly buckets: readonly YieldBucket[];
  /** The whole day's share. */
  readonly day: number | null;
}

const WIDTH = 720;
const HEIGHT = 318;
const LEFT = 46;
const TOP = 10;
const PLOT = 250;

/** First-pass yield by the hour with intervals; the same in a table for those who do not see it. */
export function HourChart({ buckets, day }: Props) {
  const used = buckets.filter((bucket) => bucket.firstPass.n > 0);
  if (used.length === 0) return <Empty title="No hour has a unit yet." />;
  const shown = aroundUsed(buckets);
  // An hour of few units has a long whisker; it may leave the picture rather than flatten all the others.
  const sure = used.filter((bucket) => bucket.firstPass.n >= FEW);
  const lows = (sure.length > 0 ? sure : used).map((bucket) => bucket.firstPass.low);
  const shares = used.map((bucket) => bucket.firstPass.share ?? 1);
  const domain = yieldDomain([...lows, ...shares]);
  const y = (share: number): number => TOP + PLOT - place(share, domain, PLOT);
  const step = (WIDTH - LEFT) / Math.max(6, shown.length);
  return (
    <>
      <svg
        className="hours"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="xMinYMid"
        role="img"
        aria-label="First pass by the hour"
      >
        {ticksOf(domain).map((share) => (
          <g key={share} className="grid">
            <line x1={LEFT} x2={WIDTH} y1={y(share)} y2={y(share)} />
            <text x={LEFT - 8} y={y(share) + 4} textAnchor="end">
              {tick(share)}
            </text>
          </g>
        ))}
        {day !== null && <line className="day" x1={LEFT} x2={WIDTH} y1={y(day)} y2={y(day)} />}
        {shown.map((bucket, index) => (
          <Hour key={bucket.from} bucket={bucket} x={LEFT + (index + 0.5) * step} domain={domain} />
        ))}
      </svg>
      <HourTable buckets={used} />
    </>
  );
}

/** The hours from the first to the last with a unit: the empty rest of the day would only make them small. */
function aroundUsed(buckets: readonly YieldBucket[]): readonly YieldBucket[] {
  const has = buckets.map((bucket) => bucket.firstPass.n > 0);
  return buckets.slice(has.indexOf(true), has.lastIndexOf(true) + 1);
}

function Hour(props: {
  readonly bucket: YieldBucket;
  readonly x: number;
  readonly domain: readonly [number, number];
}) {
  const { bucket, x, domain } = props;
  const value = bucket.firstPass;
  const span = spanOf(value, domain, PLOT);
  const few = value.n < FEW;
  const flip = (offset: number): number => TOP + PLOT - offset;
  return (
    <g className={few ? "few" : "enough"}>
      <title>{sayHour(bucket)}</title>
      {value.n > 0 && (
        <>
          <line className="whisker" x1={x} x2={x} y1={flip(span.from)} y2={flip(span.to)} />
          <line className="cap" x1={x - 6} x2={x + 6} y1={flip(span.from)} y2={flip(span.from)} />
          <line className="cap" x1={x - 6} x2={x + 6} y1={flip(span.to)} y2={flip(span.to)} />
          <circle cx={x} cy={flip(span.at)} r={6} />
        </>
      )}
      <text className="hour" x={x} y={TOP + PLOT + 24} textAnchor="middle">
        {bucket.label}
      </text>
      <text className="n" x={x} y={TOP + PLOT + 42} textAnchor="middle">
        n {value.n}
      </text>
    </g>
  );
}

function sayHour({ label, firstPass }: YieldBucket): string {
  if (firstPass.share === null) return `${label}: no units`;
  return `${label}: ${percent(firstPass.share)} (${range(firstPass.low, firstPass.high)}), ${firstPass.count} of ${firstPass.n}`;
}

function HourTable({ buckets }: { readonly buckets: readonly YieldBucket[] }) {
  return (
    <table className="unseen">
      <caption>First pass by the hour</caption>
      <tbody>
        {buckets.map((bucket) => (
          <tr key={bucket.from}>
            <th scope="row">{bucket.label}</th>
            <td>{sayHour(bucket)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
