import type { YieldView } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { counted, duration } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { AttemptTable } from "../attempts/AttemptTable.tsx";
import { rateDomain, yieldDomain } from "../parts/interval.ts";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { Figure, ProportionFigure } from "./Figure.tsx";
import { HourChart } from "./HourChart.tsx";
import { Pareto } from "./Pareto.tsx";
import { hostGap, sayYield } from "./say.ts";

export function YieldPage() {
  const { product, plant } = useSearch({ from: "/yield" });
  const view = useQuery(queries.yield({ product, plant }));
  const plants = useQuery(queries.plants());
  const products = useQuery(queries.products());
  return (
    <main>
      <PageHead title="Yield today" asOf={view.data?.asOf ?? null}>
        <Choice of="plant" all="All plants" chosen={plant} names={namesOf(plants.data)} />
        <Choice of="product" all="All products" chosen={product} names={namesOf(products.data)} />
      </PageHead>
      <Answered query={view}>{(data) => <Today view={data} />}</Answered>
      <LatestAttempts />
    </main>
  );
}

function Today({ view }: { readonly view: YieldView }) {
  const sentences = sayYield(view);
  if (sentences.length === 0) {
    return (
      <section className="card">
        <Empty title="No attempts today yet.">
          The first unit that is scanned and started at a station appears here within a second.
        </Empty>
      </section>
    );
  }
  const gap = hostGap(view);
  const yields = yieldDomain([view.firstPass.low, view.productFirstPass.low, view.finalYield.low]);
  return (
    <>
      <section className="card lead-yield" aria-label="Today in a sentence">
        <p className="say">
          <b>{sentences[0]}</b> {sentences.slice(1).join(" ")}
        </p>
        {view.leftOut !== undefined && view.leftOut > 0 && (
          <p className="hint">
            Not counted here: {counted(view.leftOut, "attempt")} of{" "}
            {view.virtual ? "real" : "virtual"} units.
          </p>
        )}
        <div className="figures">
          <ProportionFigure
            name="First pass, line"
            value={view.firstPass}
            kind="yield"
            domain={yields}
            of="units"
          >
            counts everything
          </ProportionFigure>
          <ProportionFigure
            name="First pass, product"
            value={view.productFirstPass}
            kind="yield"
            domain={yields}
            of="units"
          >
            {gap === 0 ? "no gap to the line" : `gap: ${counted(gap, "unit")} by host's fault`}
          </ProportionFigure>
          <ProportionFigure
            name="Final yield"
            value={view.finalYield}
            kind="yield"
            domain={yields}
            of="units"
          >
            latest outcome
          </ProportionFigure>
          <ProportionFigure
            name="Link incidents"
            value={view.linkIncidents}
            kind="rate"
            domain={rateDomain([view.linkIncidents.high])}
            of="attempts"
          >
            passed or not
          </ProportionFigure>
          <Figure name="Time a unit" value={view.medianMs === null ? "–" : duration(view.medianMs)}>
            {view.p95Ms === null ? "no times yet" : `median; 95 % within ${duration(view.p95Ms)}`}
            {view.unknownJobs > 0 && (
              <span className="warn-text">{counted(view.unknownJobs, "job")} not known</span>
            )}
          </Figure>
        </div>
      </section>
      <div className="two">
        <section className="card" aria-labelledby="by-hour">
          <h2 id="by-hour">First pass by the hour</h2>
          <p className="hint">
            Lines are 95 % intervals; hollow and grey: fewer than 30 units. Dashed: the day.
          </p>
          <HourChart buckets={view.buckets} day={view.firstPass.share} />
        </section>
        <section className="card" aria-labelledby="why">
          <h2 id="why">Why units failed first</h2>
          <p className="hint">
            Units whose first try failed, and the running share of all of them.
          </p>
          <Pareto rows={view.pareto} />
        </section>
      </div>
    </>
  );
}

function LatestAttempts() {
  const zone = usePlantZone();
  const attempts = useQuery(queries.latestAttempts(12));
  return (
    <section className="card" aria-labelledby="latest">
      <h2 id="latest">
        Latest attempts
        <Link to="/attempts" className="more">
          All attempts
        </Link>
      </h2>
      <Answered query={attempts}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No attempts yet." />
          ) : (
            <AttemptTable rows={rows} zone={zone} />
          )
        }
      </Answered>
    </section>
  );
}

const namesOf = (rows: readonly { readonly name: string }[] | undefined): readonly string[] =>
  (rows ?? []).map(({ name }) => name);

interface ChoiceProps {
  /** Its word in the address. */
  readonly of: "plant" | "product";
  readonly all: string;
  readonly chosen: string | undefined;
  readonly names: readonly string[];
}

/** What is looked at; nothing to choose where there is only one. */
function Choice({ of, all, chosen, names }: ChoiceProps) {
  const navigate = useNavigate({ from: "/yield" });
  if (names.length < 2 && chosen === undefined) return null;
  return (
    <NativeSelect
      aria-label={of === "plant" ? "Plant" : "Product"}
      size="xs"
      value={chosen ?? ""}
      data={[{ value: "", label: all }, ...names]}
      onChange={(event) => {
        const value = event.currentTarget.value || undefined;
        void navigate({ search: (before) => ({ ...before, [of]: value }) });
      }}
    />
  );
}
