import type { YieldView } from "@flashline/contract";
import { count, percent, range } from "../../shared/format.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { yieldDomain } from "../parts/interval.ts";

/** The steps of a route, which are never added up, and the rolled yield of each product. Nothing where no product has several. */
export function Steps({ view }: { readonly view: YieldView }) {
  const { steps = [], rolled = [] } = view;
  const several = rolled.filter((product) => product.steps > 1);
  if (several.length === 0) return null;
  const rows = steps.filter(({ product }) => several.some((one) => one.product === product));
  const domain = yieldDomain([
    ...rows.map(({ firstPass }) => firstPass.low),
    ...several.map(({ low }) => low),
  ]);
  return (
    <ChartFrame
      title="By step, and rolled through"
      hint="A rolled yield is the share of units that would pass every step at the first try. It takes the steps for independent."
      empty="No steps."
      table={{
        columns: ["product", "step", "passed", "units", "first pass", "low", "high"],
        rows: [
          ...rows.map(({ product, step, firstPass: one }) => [
            ...[product, step, one.count, one.n, one.share, one.low, one.high],
          ]),
          ...several.map(({ product, share, low, high }) => [
            ...[product, "rolled through", null, null, share, low, high],
          ]),
        ],
      }}
    >
      <ul className="forest steps">
        {rows.map(({ product, step, firstPass }) => (
          <li key={`${product} ${step}`}>
            <span className="name">
              {product} · {step}
            </span>
            <IntervalBar value={firstPass} domain={domain} tone="pass" width={180} />
            <b>{firstPass.share === null ? "–" : percent(firstPass.share)}</b>
            <span>{count(firstPass.n)} units</span>
          </li>
        ))}
        {several.map(({ product, steps: n, share, low, high }) => (
          <li key={product}>
            <span className="name">
              <b>{product}</b> · rolled through {n} steps
            </span>
            <span className="soft">{range(low, high)}</span>
            <b>{share === null ? "–" : percent(share)}</b>
            <span />
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}
