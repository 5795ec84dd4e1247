import type { YieldQuery, YieldView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/yield.css";
import { counted } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { FilterBar } from "../selection/FilterBar.tsx";
import {
  cohortOf,
  hasTime,
  type Selection,
  selectionOf,
  withTime,
} from "../selection/selection.ts";
import { sayTime } from "../selection/words.ts";
import { Against } from "./Against.tsx";
import { CycleTimes } from "./CycleTimes.tsx";
import { Figures } from "./Figures.tsx";
import { Forest } from "./Forest.tsx";
import { Pareto } from "./Pareto.tsx";
import { Steps } from "./Steps.tsx";
import { sayYield } from "./say.ts";
import { Trend } from "./Trend.tsx";

export function YieldPage() {
  const search = useSearch({ from: "/yield" });
  const navigate = useNavigate({ from: "/yield" });
  const zone = usePlantZone();
  const selection = cohortOf(selectionOf(search));
  const { by = "host", against } = search;
  const view = useQuery(queries.yield({ ...selection, against }));
  const change = (to: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...to }) });
  return (
    <main>
      <PageHead title="Yield" asOf={view.data?.asOf ?? null} />
      <FilterBar
        selection={selection}
        timeWithout="Today"
        without={["outcome", "code", "blame"]}
        onChange={change}
      >
        <Against
          against={against}
          selection={selection}
          onChange={(to) => change({ against: to })}
        />
      </FilterBar>
      <Answered query={view}>
        {(data) =>
          data.firstPass.n === 0 && data.attemptYield.n === 0 ? (
            <Nothing selection={selection} />
          ) : (
            <Analysis
              view={data}
              selection={withTime(selection)}
              time={sayTime(selection, "Today", zone)}
              by={by}
              onBy={(to) => change({ by: to })}
              onChoose={change}
            />
          )
        }
      </Answered>
    </main>
  );
}

function Nothing({ selection }: { readonly selection: Selection }) {
  const isToday = !hasTime(selection) && Object.keys(selection).length === 0;
  return (
    <section className="card">
      <Empty title={isToday ? "No attempts today yet." : "No attempts match these filters."}>
        {isToday
          ? "The first unit that is scanned and started at a station appears here within a second."
          : "Choose another time or take off a filter."}
      </Empty>
    </section>
  );
}

interface AnalysisProps {
  readonly view: YieldView;
  /** With a time, so that lists of attempts mean the same. */
  readonly selection: Selection;
  readonly time: string;
  readonly by: NonNullable<YieldQuery["by"]>;
  readonly onBy: (by: NonNullable<YieldQuery["by"]>) => void;
  readonly onChoose: (change: Selection) => void;
}

function Analysis({ view, selection, time, by, onBy, onChoose }: AnalysisProps) {
  const [first, ...more] = sayYield(view);
  return (
    <>
      <section className="card lead-yield" aria-label="In a sentence">
        <p className="say">
          <b>{first ?? "No unit was tried for the first time."}</b> {more.join(" ")}
        </p>
        <p className="hint">
          {time}
          {view.virtual && ", virtual units"}
          {view.leftOut !== undefined && view.leftOut > 0 && (
            <>
              ; not counted: {counted(view.leftOut, "attempt")} of{" "}
              {view.virtual ? "real" : "virtual"} units
            </>
          )}
        </p>
        <Figures view={view} selection={selection} />
      </section>
      <div className="two">
        <Trend view={view} selection={selection} />
        <Pareto view={view} selection={selection} />
      </div>
      <Steps view={view} />
      <div className="two">
        <Forest selection={selection} by={by} onBy={onBy} onChoose={onChoose} />
        <CycleTimes view={view} selection={selection} />
      </div>
    </>
  );
}
