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
const MIDDLE = HEIGHT / 2;
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
      <line className="axis" x1={0} x2={size} y1={MIDDLE} y2={MIDDLE} />
      {value.share !== null && (
        <>
          <line className="range" x1={span.from} x2={span.to} y1={MIDDLE} y2={MIDDLE} />
          {/* An interval that goes on beyond the axis says so: its end is not measured there. */}
          {value.low < domain[0] && <path className="beyond" d={`M5 ${MIDDLE - 5}l-5 5l5 5`} />}
          {value.high > domain[1] && (
            <path className="beyond" d={`M${size - 5} ${MIDDLE - 5}l5 5l-5 5`} />
          )}
          <circle className="point" cx={span.at} cy={MIDDLE} r={grey ? 4 : 5} />
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
