import type { StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Column, CsvButton } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { EnrolAct } from "./EnrolAct.tsx";
import { HoldAct } from "./HoldAct.tsx";
import { byLine, sayStations } from "./lines.ts";
import { StationCard } from "./StationCard.tsx";
import { Agents } from "./updates/Agents.tsx";

const FILE: readonly Column<StationView>[] = [
  { name: "Station", csv: ({ name }) => name },
  { name: "Plant", csv: ({ plant }) => plant },
  { name: "Line", csv: ({ line }) => line },
  { name: "Enrolled", csv: ({ enrolled }) => enrolled },
  { name: "Connected", csv: ({ connected }) => connected },
  { name: "Last seen", csv: ({ lastSeenAt }) => lastSeenAt },
  { name: "Agent", csv: ({ agentVersion }) => agentVersion },
  { name: "Nests", csv: ({ nests }) => nests.length },
  { name: "Work order", csv: ({ workOrder }) => workOrder },
  { name: "Passed today", csv: ({ today }) => today.passed },
  { name: "Failed today", csv: ({ today }) => today.failed },
  { name: "Results waiting", csv: ({ queuedResults }) => queuedResults },
  { name: "To repair", csv: ({ doctor }) => doctor?.failed ?? null },
];

export function StationsPage() {
  const stations = useQuery(queries.stations());
  return (
    <ManagePage title="Stations" asOf={stations.dataUpdatedAt} acts={<EnrolAct />}>
      <Answered query={stations}>
        {(all) =>
          all.length === 0 ? (
            <section className="card">
              <Empty title="No stations yet.">
                Add a plant and a line in the <Link to="/settings">settings</Link>, then a station
                here: the page shows what is run on its PC.
              </Empty>
            </section>
          ) : (
            <>
              <div className="table-tools">
                <p className="say">{sayStations(all)}</p>
                <span className="space" />
                <CsvButton name="Stations" rows={all} columns={FILE} />
              </div>
              {byLine(all).map(({ title, stations: of }) => (
                <section key={title} aria-label={title}>
                  <LineHead title={title} first={of[0]} />
                  <div className="stations">
                    {of.map((station) => (
                      <StationCard key={station.id} station={station} />
                    ))}
                  </div>
                </section>
              ))}
              <Agents />
            </>
          )
        }
      </Answered>
    </ManagePage>
  );
}

/** A line's name, and how it is stopped. */
function LineHead({
  title,
  first,
}: {
  readonly title: string;
  readonly first: StationView | undefined;
}) {
  const holds = useQuery(manage.holds());
  const { plant = "", line = "" } = first ?? {};
  const hold = (holds.data ?? []).find(
    ({ kind, name }) => kind === "line" && name === `${plant}/${line}`,
  );
  return (
    <div className="card-head line-head">
      <h2 className="line-title">{title}</h2>
      {hold !== undefined && (
        <>
          <Badge state="paused" word="Paused" />
          <span className="soft">
            {hold.reason} ({hold.setBy})
          </span>
        </>
      )}
      <span className="row-acts">
        <HoldAct target={{ kind: "line", plant, line }} name={title} isOn={hold !== undefined} />
      </span>
    </div>
  );
}
