import { count } from "../../shared/format.ts";
import { Plot } from "../parts/chart/Plot.tsx";
import { stepsTo } from "../parts/chart/steps.ts";
import { type Bucket, Label } from "./YieldPlot.tsx";

/** How many units passed, stretch by stretch. */
export function OutputPlot({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const ticks = stepsTo(Math.max(1, ...buckets.map(({ unitsPassed }) => unitsPassed ?? 0)));
  return (
    <Plot
      label="Units that passed, over time"
      places={buckets.length}
      domain={[0, ticks.at(-1) ?? 1]}
      ticks={ticks}
      tick={(value) => count(value)}
    >
      {(area) =>
        buckets.map((bucket, at) => {
          const made = bucket.unitsPassed ?? 0;
          const width = Math.max(2, area.step * 0.6);
          return (
            <g key={bucket.from}>
              <title>{`${bucket.label}: ${count(made)} passed`}</title>
              <rect
                className="made"
                x={area.x(at) - width / 2}
                y={area.y(made)}
                width={width}
                height={area.bottom - area.y(made)}
              />
              <Label bucket={bucket} at={at} area={area} />
            </g>
          );
        })
      }
    </Plot>
  );
}
