import type { Proportion, YieldView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { count, counted, duration, percent, range } from "../../shared/format.ts";
import { FEW, rateDomain, yieldDomain } from "../parts/interval.ts";
import type { Selection } from "../selection/selection.ts";
import { Delta } from "./Delta.tsx";
import { Figure, ProportionFigure } from "./Figure.tsx";
import { hostGap } from "./say.ts";

interface Props {
  readonly view: YieldView;
  readonly selection: Selection;
}

/** The yields of a selection side by side, each with its interval, its n and the way to its units. */
export function Figures({ view, selection }: Props) {
  const gap = hostGap(view);
  const { secondPass, thirdPass, retested, noTroubleFound, comparison } = view;
  const yields = yieldDomain(
    [view.firstPass, view.productFirstPass, view.finalYield].map(({ low }) => low),
  );
  const rates = rateDomain([view.linkIncidents.high]);
  const yieldOf = (name: string, value: Proportion | undefined, under: React.ReactNode) =>
    value !== undefined && (
      <ProportionFigure
        name={name}
        value={value}
        kind="yield"
        domain={yields}
        of={<Units n={value.n} selection={selection} />}
      >
        {under}
      </ProportionFigure>
    );
  return (
    <>
      <div className="figures">
        {yieldOf(
          "First pass, line",
          view.firstPass,
          comparison === undefined ? (
            "counts everything"
          ) : (
            <Delta of={comparison.difference} comparison={comparison} />
          ),
        )}
        {yieldOf(
          "First pass, product",
          view.productFirstPass,
          <>
            {gap === 0 ? (
              "no gap to the line"
            ) : (
              <>
                gap:{" "}
                <Link
                  to="/attempts"
                  search={{
                    ...selection,
                    only: "by-host",
                    virtual: view.virtual ? "true" : "false",
                  }}
                >
                  {counted(gap, "unit")} by host’s fault
                </Link>
              </>
            )}
            {comparison !== undefined && (
              <Delta of={comparison.productDifference} comparison={comparison} />
            )}
          </>,
        )}
        {yieldOf("Final yield", view.finalYield, "latest outcome")}
        <ProportionFigure
          name="Link incidents"
          value={view.linkIncidents}
          kind="rate"
          domain={rates}
          of={
            <Link to="/attempts" search={{ ...selection, only: "counted" }}>
              {counted(view.linkIncidents.n, "attempt")}
            </Link>
          }
        >
          passed or not
        </ProportionFigure>
        <Figure name="Time a unit" value={view.medianMs === null ? "–" : duration(view.medianMs)}>
          {view.p95Ms === null ? "no times yet" : `median; 95 % within ${duration(view.p95Ms)}`}
        </Figure>
      </div>
      <dl className="more-figures">
        <Small name="By the second try" value={secondPass} />
        <Small name="By the third try" value={thirdPass} />
        <Small name="Tried again" value={retested} />
        <Small name="No trouble found" value={noTroubleFound} />
        <div>
          <dt>Units passed</dt>
          <dd>
            <b>
              <Link to="/units" search={{ ...selection, outcome: "PASS" }}>
                {count(view.unitsPassed)}
              </Link>
            </b>
            {view.unknownJobs > 0 && (
              <span className="warn-text">{counted(view.unknownJobs, "job")} not known</span>
            )}
          </dd>
        </div>
      </dl>
    </>
  );
}

interface SmallProps {
  readonly name: string;
  /** Older servers do not tell. */
  readonly value: Proportion | undefined;
}

function Small({ name, value }: SmallProps) {
  if (value === undefined) return null;
  return (
    <div className={value.n < FEW ? "few" : ""}>
      <dt>{name}</dt>
      <dd>
        <b>{value.share === null ? "–" : percent(value.share)}</b>
        <span>
          {value.share !== null && `${range(value.low, value.high)}, `}n {count(value.n)}
        </span>
      </dd>
    </div>
  );
}

function Units({ n, selection }: { readonly n: number; readonly selection: Selection }) {
  return (
    <Link to="/units" search={{ ...selection, only: "first" }}>
      {counted(n, "unit")}
    </Link>
  );
}
