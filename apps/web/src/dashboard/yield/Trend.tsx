import type { YieldView } from "@flashline/contract";
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { count, percent, range } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { FEW } from "../parts/interval.ts";
import type { Selection } from "../selection/selection.ts";
import { Deeds } from "./Deeds.tsx";
import { deedsOf, placeOf } from "./deeds.ts";
import { controlChart, FEWEST_SAMPLES } from "./limits.ts";
import { OutputPlot } from "./OutputPlot.tsx";
import { aroundUsed, type Bucket, YieldPlot } from "./YieldPlot.tsx";

interface Props {
  readonly view: YieldView;
  readonly selection: Selection;
}

const KINDS = [
  { value: "intervals", label: "Intervals" },
  { value: "control", label: "Control chart" },
  { value: "output", label: "Output" },
];
const HINTS: Readonly<Record<string, string>> = {
  intervals: `Lines are 95 % intervals; hollow and grey: fewer than ${FEW} units. An arrow: the interval goes on beyond the axis. Dashed: all together.`,
  control:
    "Band: where a stretch lies as long as nothing has changed (beta-binomial, as rare outside as beyond three sigma). Ringed: outside it, or one of eight in a row on one side. Numbers: what was done.",
  output: "Units that passed, at whichever try.",
};

/** First pass over the time, hour by hour or day by day. */
export function Trend({ view, selection }: Props) {
  const [kind, setKind] = useState("intervals");
  const { data: session } = useQuery(queries.session());
  // The ledger is not for everybody, and asked only where it is shown.
  const mayAsk = kind === "control" && allowed(session?.role, "audit");
  const { data: done = [] } = useQuery({ ...deedsOf(view), enabled: mayAsk });
  const buckets = useMemo(() => aroundUsed(view.buckets), [view.buckets]);
  const chart = useMemo(() => controlChart(buckets.map(({ firstPass }) => firstPass)), [buckets]);
  const used = buckets.filter(({ firstPass, unitsPassed }) => firstPass.n + (unitsPassed ?? 0) > 0);
  const deeds = mayAsk ? done.filter(({ at }) => placeOf(at, buckets) !== null) : [];
  return (
    <ChartFrame
      title="First pass over time"
      hint={HINTS[kind] ?? ""}
      empty="No unit was tried for the first time."
      table={{
        columns: ["from", "to", "passed", "units", "first pass", "low", "high", "units passed"],
        rows: used.map(({ from, to, firstPass, unitsPassed }) => [
          ...[from, to, firstPass.count, firstPass.n, firstPass.share, firstPass.low],
          ...[firstPass.high, unitsPassed ?? null],
        ]),
      }}
      tools={
        <SegmentedControl
          aria-label="Which chart"
          size="xs"
          value={kind}
          data={KINDS}
          onChange={setKind}
        />
      }
    >
      {kind === "output" ? (
        <OutputPlot buckets={buckets} />
      ) : (
        <YieldPlot
          buckets={buckets}
          all={view.firstPass.share}
          control={kind === "control" ? chart : undefined}
          deeds={deeds}
        />
      )}
      {kind === "control" && (
        <>
          <Signals buckets={buckets} chart={chart} selection={selection} />
          <Deeds deeds={deeds} />
        </>
      )}
    </ChartFrame>
  );
}

interface SignalsProps {
  readonly buckets: readonly Bucket[];
  readonly chart: ReturnType<typeof controlChart>;
  readonly selection: Selection;
}

/** What the control chart found, in words, with the way to the units. */
function Signals({ buckets, chart, selection }: SignalsProps) {
  if (chart === undefined) {
    return (
      <p className="hint">
        No limits: they need {FEWEST_SAMPLES} stretches of time with units, and some that failed.
      </p>
    );
  }
  const out = buckets.flatMap((bucket, at) => {
    const point = chart.points[at];
    return point?.isOut ? [{ bucket, point }] : [];
  });
  const inRuns = chart.points.filter(({ isRun }) => isRun).length;
  return (
    <ul className="signals">
      {out.map(({ bucket: { label, from, to, firstPass }, point }) => (
        <li key={from}>
          <b>{label}</b>: {count(firstPass.count)} of{" "}
          <Link to="/units" search={{ ...selection, ...NO_NAMED_TIME, from, to, only: "first" }}>
            {count(firstPass.n)} units
          </Link>
          , {(firstPass.share ?? 0) < point.low ? "below" : "above"} the limits (
          {range(point.low, point.high)})
        </li>
      ))}
      {inRuns > 0 && <li>{inRuns} stretches are part of a run on one side of the centre.</li>}
      {out.length === 0 && inRuns === 0 && <li>Nothing stands out.</li>}
      <li className="soft">
        Centre {percent(chart.centre)}.{" "}
        {chart.rho === 0
          ? "The stretches differ no more than chance does."
          : `The stretches differ more than chance does (rho ${chart.rho.toFixed(3)}), and the limits are wider for it.`}
      </li>
    </ul>
  );
}

const NO_NAMED_TIME = { window: undefined, day: undefined, shift: undefined } as const;
