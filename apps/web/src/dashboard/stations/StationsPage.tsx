import type { StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count, counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { queries } from "../api/queries.ts";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { ago } from "../parts/time.ts";
import { byLine, sayStations } from "./lines.ts";
import { NestTile } from "./NestTile.tsx";

export function StationsPage() {
  const stations = useQuery(queries.stations());
  return (
    <main>
      <PageHead title="Stations" asOf={stations.dataUpdatedAt} />
      <Answered query={stations}>
        {(all) =>
          all.length === 0 ? (
            <section className="card">
              <Empty title="No stations yet.">
                An engineer adds one by the API, which gives a token; with it run{" "}
                <span className="mono">flashline-agent enroll</span> on the PC.
              </Empty>
            </section>
          ) : (
            <>
              <p className="say">{sayStations(all)}</p>
              {byLine(all).map(({ title, stations: of }) => (
                <section key={title} aria-label={title}>
                  <h2 className="line-title">{title}</h2>
                  <div className="stations">
                    {of.map((station) => (
                      <StationCard key={station.id} station={station} />
                    ))}
                  </div>
                </section>
              ))}
            </>
          )
        }
      </Answered>
    </main>
  );
}

function StationCard({ station }: { readonly station: StationView }) {
  const gone = !station.connected;
  return (
    <article
      className={`card station ${gone ? "gone" : ""}`}
      aria-label={`Station ${station.name}`}
    >
      <header>
        <h3>
          <Link to="/attempts" search={{ station: station.name }}>
            {station.name}
          </Link>
        </h3>
        <Connection station={station} />
      </header>
      <p className="order">
        {station.workOrder === null ? (
          <span className="soft">No work order set</span>
        ) : (
          <>
            <b>{station.workOrder}</b> · {station.product} {station.version}
          </>
        )}
      </p>
      <ul className={`nest-tiles ${gone ? "hatch" : ""}`}>
        {station.nests.map((nest) => (
          <NestTile key={nest.name} nest={nest} known={!gone} />
        ))}
      </ul>
      <footer>
        <span>
          <b>{count(station.today.passed)}</b> passed today
        </span>
        <span>
          <b>{count(station.today.failed)}</b> failed
        </span>
        {station.queuedResults > 0 && (
          <span className="warn-text">
            <Icon name="clock" size={14} /> {counted(station.queuedResults, "result")} waiting there
          </span>
        )}
        {station.queuedResults === 0 && (
          <span className="soft version">{station.agentVersion ?? ""}</span>
        )}
      </footer>
    </article>
  );
}

function Connection({ station }: { readonly station: StationView }) {
  if (!station.enrolled) {
    return <span className="conn off">Not enrolled</span>;
  }
  if (station.connected) {
    return (
      <span className="conn on">
        <Icon name="check" size={14} /> Connected
      </span>
    );
  }
  return (
    <span className="conn off">
      <Icon name="warning" size={14} />
      {station.lastSeenAt === null ? "Never seen" : `Last seen ${ago(station.lastSeenAt)}`}
    </span>
  );
}
