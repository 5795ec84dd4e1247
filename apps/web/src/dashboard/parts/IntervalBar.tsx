import type { Proportion } from "@flashline/contract";
import { percent, range } from "../../shared/format.ts";
import { FEW, place, spanOf } from "./interval.ts";

interface Props {
  readonly value: Proportion;
  readonly domain: readonly [number, number];
  /** A mark to compare with. */
  readonly expected?: number | null;
  readonly tone?: "pass" | "fail" | "warn" | "plain";
  readonly width?: number;
  readonly few?: number;
}

const HEIGHT = 18;
const EDGE = 6;

/** A share with its 95 % interval, drawn: the line is the interval, the dot the share, the upright mark what is expected. */
export function IntervalBar({
  value,
  domain,
  expected,
  tone = "plain",
  width = 140,
  few = FEW,
}: Props) {
  const size = width - 2 * EDGE;
  const span = spanOf(value, domain, size);
  const grey = value.n < few;
  const said =
    value.share === null
      ? "No data"
      : `${percent(value.share)}, 95 % interval ${range(value.low, value.high)}, n ${value.n}` +
        (expected === undefined || expected === null ? "" : `, expected ${percent(expected)}`);
  return (
    <svg
      className={`interval ${grey ? "few" : tone}`}
      width={width}
      height={HEIGHT}
      viewBox={`${-EDGE} 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={said}
    >
      <title>{said}</title>
      <line className="axis" x1={0} x2={size} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {value.share !== null && (
        <>
          <line className="range" x1={span.from} x2={span.to} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          <circle className="point" cx={span.at} cy={HEIGHT / 2} r={grey ? 4 : 5} />
        </>
      )}
      {expected !== undefined && expected !== null && (
        <line
          className="expected"
          x1={place(expected, domain, size)}
          x2={place(expected, domain, size)}
          y1={1}
          y2={HEIGHT - 1}
        />
      )}
    </svg>
  );
}
