import type {
  GoldenFigures,
  GoldenRunView,
  HostView,
  Proportion,
  HostGolden as Shown,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { percent, range } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { call } from "../api/client.ts";
import { golden } from "../api/golden.ts";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Scroll } from "../parts/Scroll.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { PlanGoldenRun } from "./PlanGoldenRun.tsx";

/** What golden units showed of the host: each run beside what was before, and beside other hosts. */
export function HostGolden({ host }: { readonly host: HostView }) {
  const shown = useQuery(golden.ofHost(host.id));
  return (
    <section className="card" aria-labelledby="golden">
      <div className="card-head">
        <h2 id="golden">Golden runs</h2>
        {shown.data !== undefined && (
          <span className="row-acts">
            <PlanGoldenRun host={host} nests={shown.data.nests} units={shown.data.units} />
          </span>
        )}
      </div>
      <Answered query={shown}>
        {(data) => (isNothing(data) ? <Nothing units={data.units} /> : <Table data={data} />)}
      </Answered>
    </section>
  );
}

const isNothing = ({ runs, single }: Shown): boolean => runs.length === 0 && single.failed.n === 0;

function Nothing({ units }: { readonly units: readonly string[] }) {
  return (
    <p>
      No golden unit was flashed at this host yet.{" "}
      {units.length === 0
        ? "The plant has none: register one under Golden units."
        : "A golden run flashes one so many times at one nest, so that only the host is asked."}
    </p>
  );
}

function Table({ data: { runs, single, elsewhere, production } }: { readonly data: Shown }) {
  const zone = usePlantZone();
  return (
    <>
      <Scroll label="Table: golden runs">
        <table className="table">
          <thead>
            <tr>
              <th>What</th>
              <th className="r">Checks</th>
              <th className="r">Failed</th>
              <th className="r">Link incidents</th>
              <th>95 % interval of incidents</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Row
                key={run.id}
                what={`${run.serial} in nest ${run.nest}${run.setting === null ? "" : `, ${run.setting}`}`}
                about={`${sayRun(run)}, ${when(run.plannedAt, zone)}`}
                figures={run.figures}
              >
                {run.state === "planned" && <StopRun run={run} />}
              </Row>
            ))}
            <Row what="Single checks here" figures={single} />
            <Row what="The same golden units at other hosts" figures={elsewhere} />
            {production !== null && (
              <tr>
                <td>Production units here, fourteen days</td>
                <td className="r">{production.n}</td>
                <td className="r" />
                <td className="r">{production.count}</td>
                <Interval value={production} />
                <td />
              </tr>
            )}
          </tbody>
        </table>
      </Scroll>
      <p className="hint">
        A golden run is no evidence for the verdict: it is one unit, again and again. Read it beside
        the verdict. Wilson score intervals.
      </p>
    </>
  );
}

const sayRun = ({ state, made, times, profile }: GoldenRunView): string => {
  const with_ = profile === null ? "" : `, ${profile}`;
  if (state === "planned") return `${made} of ${times} made${with_}`;
  return state === "done" ? `done${with_}` : `stopped after ${made} of ${times}${with_}`;
};

function Row({
  what,
  about,
  figures: { failed, incidents },
  children,
}: {
  readonly what: string;
  readonly about?: string;
  readonly figures: GoldenFigures;
  readonly children?: ReactNode;
}) {
  return (
    <tr>
      <td>
        {what}
        {about !== undefined && <span className="soft"> {about}</span>}
      </td>
      <td className="r">{failed.n}</td>
      <td className="r">{failed.count}</td>
      <td className="r">{incidents.count}</td>
      <Interval value={incidents} />
      <td>{children}</td>
    </tr>
  );
}

function Interval({ value }: { readonly value: Proportion }) {
  return (
    <td>
      <IntervalBar value={value} domain={[0, 0.5]} />{" "}
      <span className="soft">
        {value.share === null
          ? "none yet"
          : `${percent(value.share)}, ${range(value.low, value.high)}`}
      </span>
    </td>
  );
}

function StopRun({ run }: { readonly run: GoldenRunView }) {
  return (
    <Act
      label="Stop"
      title="Stop this golden run?"
      needs="stopGoldenRun"
      weight="danger"
      verb="Stop it"
      initial={{ reason: "" }}
      run={({ reason }) => call("stopGoldenRun", { params: { id: run.id }, body: { reason } })}
      affects={["hosts", "golden"]}
      done={({ body }) => `The golden run has ended after ${body.made} of ${body.times} checks.`}
    >
      {() => <p>The check that runs now comes to its end. What was made stays.</p>}
    </Act>
  );
}
