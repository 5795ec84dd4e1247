import type { Proportion } from "@flashline/contract";
import { FEW } from "../interval.ts";
import type { PlotArea } from "./Plot.tsx";

interface Props {
  readonly value: Proportion;
  readonly x: number;
  readonly area: PlotArea;
  readonly domain: readonly [number, number];
  readonly say: string;
}

/** A share with its interval upright. What lies beyond the axis ends in an arrow, because nothing was measured at the edge. */
export function Whisker({ value, x, area, domain, say }: Props) {
  if (value.share === null) return null;
  const [low, high] = domain;
  const [bottom, top] = [area.y(value.low), area.y(value.high)];
  const cap = Math.min(6, area.step / 3);
  const end = (at: number, isBeyond: boolean, towards: 1 | -1): string =>
    isBeyond
      ? `M${x - cap} ${at - towards * cap}L${x} ${at}L${x + cap} ${at - towards * cap}`
      : `M${x - cap} ${at}H${x + cap}`;
  return (
    <g className={value.n < FEW ? "few" : "enough"}>
      <title>{say}</title>
      <line className="whisker" x1={x} x2={x} y1={bottom} y2={top} />
      <path className="cap" d={end(bottom, value.low < low, 1)} />
      <path className="cap" d={end(top, value.high > high, -1)} />
      {value.share >= low && (
        <circle cx={x} cy={area.y(value.share)} r={Math.min(6, area.step / 4 + 1)} />
      )}
    </g>
  );
}
