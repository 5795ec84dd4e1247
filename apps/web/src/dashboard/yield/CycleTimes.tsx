import type { YieldView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted, duration } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { Answered } from "../parts/states.tsx";
import type { Selection } from "../selection/selection.ts";

interface Props {
  readonly view: YieldView;
  readonly selection: Selection;
}

interface Row {
  readonly name: string;
  readonly n: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
}

/** How long attempts took, as a whole and by phase. */
export function CycleTimes({ view, selection }: Props) {
  // Asked for by itself: it may have to read each attempt, and the rest of the page does not wait for it.
  const phases = useQuery(queries.yieldParts({ ...selection, phases: "true" }));
  return (
    <Answered query={phases}>
      {(answer) => {
        const whole = view.times === undefined ? [] : [{ name: "whole attempt", ...view.times }];
        const rows: readonly Row[] = [
          ...whole,
          ...(answer.phases ?? []).map(({ phase, ...times }) => ({ name: phase, ...times })),
        ].filter(({ n }) => n > 0);
        const isExact = (view.times?.relativeError ?? 0) === 0;
        return (
          <ChartFrame
            title="Time by phase"
            hint={`Bar: half of the attempts; line: 90 %; mark: 95 %.${isExact ? "" : " Off by 2 % of the time at most."}`}
            empty="No attempt told its time."
            table={{
              columns: ["phase", "attempts", "p50 ms", "p90 ms", "p95 ms"],
              rows: rows.map(({ name, n, p50, p90, p95 }) => [name, n, p50, p90, p95]),
            }}
          >
            <Bars rows={rows} />
          </ChartFrame>
        );
      }}
    </Answered>
  );
}

function Bars({ rows }: { readonly rows: readonly Row[] }) {
  const most = Math.max(1, ...rows.map(({ p95 }) => p95 ?? 0));
  const at = (ms: number | null): string => `${((ms ?? 0) / most) * 100}%`;
  return (
    <ul className="times-by-phase">
      {rows.map(({ name, n, p50, p90, p95 }) => (
        <li key={name}>
          <span className="name">
            {name} <span className="soft">{counted(n, "attempt")}</span>
          </span>
          <span className="value">
            {p50 === null ? "–" : duration(p50)}
            <span className="soft">
              {" "}
              {p90 === null ? "" : `· ${duration(p90)}`} {p95 === null ? "" : `· ${duration(p95)}`}
            </span>
          </span>
          <span className="track" aria-hidden="true">
            <i className="p50" style={{ width: at(p50) }} />
            <i className="p90" style={{ width: at(p90) }} />
            <i className="p95" style={{ left: at(p95) }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
