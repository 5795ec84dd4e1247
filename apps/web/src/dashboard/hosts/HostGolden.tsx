import {
  called,
  type GoldenFigures,
  type GoldenRunView,
  type HostView,
  type Proportion,
  type HostGolden as Shown,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, percent, range } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { golden } from "../api/golden.ts";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { FEW, rateDomain } from "../parts/interval.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { PlanGoldenRun } from "./PlanGoldenRun.tsx";

/** What golden units showed of the host: each run beside what was before, and beside other hosts. */
export function HostGolden({ host }: { readonly host: HostView }) {
  const zone = usePlantZone();
  const shown = useQuery(golden.ofHost(host.id));
  return (
    <Answered query={shown}>
      {(data) => {
        const rows = rowsOf(data, zone);
        return (
          <TableCard
            title="Golden runs"
            name={`Golden runs at ${host.name}`}
            rows={rows}
            keyOf={({ key }) => key}
            columns={columnsFor(rows)}
            acts={<PlanGoldenRun host={host} nests={data.nests} units={data.units} />}
            empty={[
              "No golden unit was flashed at this host yet.",
              data.units.length === 0
                ? "The plant has none: register one under Golden units."
                : "A golden run flashes one so many times at one nest, so that only the host is asked.",
            ]}
            below={
              rows.length > 0 && (
                <p className="hint below">
                  A golden run is no evidence for the verdict: it is one unit, again and again. Read
                  it beside the verdict. Wilson score intervals of 95 %.
                </p>
              )
            }
          />
        );
      }}
    </Answered>
  );
}

interface Row {
  readonly key: string;
  readonly what: string;
  readonly about: string | null;
  /** Null: of production units that is another figure. */
  readonly failed: number | null;
  readonly incidents: Proportion;
  readonly run: GoldenRunView | null;
}

function rowsOf(
  { runs, single, elsewhere, production }: Shown,
  zone: string | undefined,
): readonly Row[] {
  // What other hosts lost says nothing of a host where no golden unit was.
  if (runs.length === 0 && single.failed.n === 0) return [];
  const plain = (key: string, what: string, { failed, incidents }: GoldenFigures): Row => ({
    key,
    what,
    about: null,
    failed: failed.count,
    incidents,
    run: null,
  });
  return [
    ...runs.map((run) => ({
      ...plain(run.id, whatOf(run), run.figures),
      about: `${sayRun(run)}, ${when(run.plannedAt, zone)}`,
      run,
    })),
    plain("single", "Single checks here", single),
    plain("elsewhere", "The same golden units at other hosts", elsewhere),
    ...(production === null
      ? []
      : [
          {
            key: "production",
            what: "Production units here, fourteen days",
            about: null,
            failed: null,
            incidents: production,
            run: null,
          },
        ]),
  ];
}

const whatOf = ({ serial, nest, setting }: GoldenRunView): string =>
  `${serial} in ${called("nest", nest)}${setting === null ? "" : `, ${setting}`}`;

/** One axis for all rows, long enough for what is known; what is not known may run over its end. */
function columnsFor(rows: readonly Row[]): readonly Column<Row>[] {
  const domain = rateDomain(
    rows.filter(({ incidents }) => incidents.n >= FEW).map(({ incidents }) => incidents.high),
  );
  return [
    {
      name: "What",
      csv: ({ what }) => what,
      cell: ({ what, about }) => (
        <>
          {what}
          {about !== null && <span className="soft"> {about}</span>}
        </>
      ),
      className: "wrap lead-cell",
    },
    figure("Flashed", ({ incidents }) => incidents.n),
    figure("Failed", ({ failed }) => failed),
    figure("Link incidents", ({ incidents }) => incidents.count),
    {
      name: `Share of link incidents, 0 to ${percent(domain[1])}`,
      csv: ({ incidents }) => incidents.share,
      cell: ({ incidents }) => (
        <span className="with-bar">
          <IntervalBar value={incidents} domain={domain} width={124} />
          <span className="soft">
            {incidents.share === null
              ? "none yet"
              : `${percent(incidents.share)} (${range(incidents.low, incidents.high)})`}
          </span>
        </span>
      ),
    },
    { name: "Low", csv: ({ incidents }) => incidents.low },
    { name: "High", csv: ({ incidents }) => incidents.high },
    {
      name: "Actions",
      cell: ({ run }) => (run?.state === "planned" ? <StopRun run={run} /> : null),
    },
  ];
}

const figure = (name: string, of: (row: Row) => number | null): Column<Row> => ({
  name,
  csv: of,
  cell: (row) => {
    const value = of(row);
    return value === null ? <span className="soft">–</span> : count(value);
  },
  isFigure: true,
});

const sayRun = ({ state, made, times, profile }: GoldenRunView): string => {
  const with_ = profile === null ? "" : `, ${profile}`;
  if (state === "planned") return `${made} of ${times} made${with_}`;
  return state === "done" ? `done${with_}` : `stopped after ${made} of ${times}${with_}`;
};

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
