import { useQuery } from "@tanstack/react-query";
import { queries } from "../api/queries.ts";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { byLine, sayStations } from "../stations/lines.ts";
import { StationCard } from "../stations/StationCard.tsx";

export function LinePage() {
  const stations = useQuery(queries.stations());
  return (
    <main>
      <PageHead title="Line" asOf={stations.dataUpdatedAt} />
      <Answered query={stations}>
        {(all) =>
          all.length === 0 ? (
            <section className="card">
              <Empty title="No stations yet.">
                An engineer adds one; with its token run{" "}
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
