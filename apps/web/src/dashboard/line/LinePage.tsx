import { called, type StationView } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/line.css";
import { queries } from "../api/queries.ts";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { HourPlot } from "../plan/HourPlot.tsx";
import { LineStanding, ShiftPace } from "../plan/ShiftPace.tsx";
import { byLine } from "../stations/lines.ts";
import { OpenAlarms } from "./OpenAlarms.tsx";
import { Pace } from "./Pace.tsx";
import { StationTile } from "./StationTile.tsx";
import { ofLine } from "./say.ts";

/** The plant as it is now: what was made, what is wrong, and each station. With `?wall` for a screen that hangs in the hall. */
export function LinePage() {
  const search = useSearch({ from: "/" });
  const { plant, line, wall } = search;
  const isWall = wall !== undefined;
  const stations = useQuery(queries.stations());
  const shown = ofLine(stations.data ?? [], { plant, line });
  const lines = byLine(shown);
  // Of several lines each has a shift and a plan of its own.
  const only = lines.length === 1 ? shown[0] : undefined;
  return (
    <main className={isWall ? "line-page wall" : "line-page"}>
      <PageHead
        title={line === undefined ? "Line" : called("Line", line)}
        asOf={stations.dataUpdatedAt}
      >
        <Lines stations={stations.data ?? []} />
        {isWall ? (
          <Link to="/" search={{ plant, line }} className="b small quiet">
            Back
          </Link>
        ) : (
          <Link to="/" search={{ ...search, wall: "" }} className="b small">
            For the wall
          </Link>
        )}
      </PageHead>
      <Answered query={stations}>
        {() =>
          shown.length === 0 ? (
            <section className="card">
              {(stations.data ?? []).length > 0 ? (
                <Empty title="No station is there.">
                  The address names a line or a plant that has none.{" "}
                  <Link to="/" search={{ wall }}>
                    Show all lines
                  </Link>
                </Empty>
              ) : (
                <Empty title="No stations yet.">
                  An engineer adds one; with its token run{" "}
                  <span className="mono">flashline-agent enroll</span> on the PC.
                </Empty>
              )}
            </section>
          ) : (
            <>
              <div className="paces">
                {only !== undefined && <ShiftPace plant={only.plant} line={only.line} />}
                <Pace plant={plant} line={line} stations={shown} />
              </div>
              <OpenAlarms plant={plant} stations={shown} />
              {lines.map(({ title, stations: of }) => (
                <section key={title} aria-label={title}>
                  <h2 className="line-title">
                    {title}
                    {only === undefined && of[0] !== undefined && (
                      <LineStanding plant={of[0].plant} line={of[0].line} />
                    )}
                  </h2>
                  <div className="station-tiles">
                    {of.map((station) => (
                      <StationTile key={station.id} station={station} />
                    ))}
                  </div>
                </section>
              ))}
              {only !== undefined && !isWall && <HourPlot plant={only.plant} line={only.line} />}
            </>
          )
        }
      </Answered>
    </main>
  );
}

const ALL = "";
/** What an address names that is not one line: a plant, or a line that there is not. */
const SOME = "some";

/** Which line; nothing to choose where there is only one. */
function Lines({ stations }: { readonly stations: readonly StationView[] }) {
  const { plant, line } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const lines = byLine(stations);
  if (lines.length < 2 && line === undefined) return null;
  const key = (of: string, name: string): string => JSON.stringify([of, name]);
  const chosen = ofLine(stations, { plant, line });
  const [only] = chosen;
  const isOne = only !== undefined && byLine(chosen).length === 1 && line !== undefined;
  return (
    <NativeSelect
      aria-label="Line"
      size="xs"
      value={
        isOne ? key(only.plant, only.line) : plant === undefined && line === undefined ? ALL : SOME
      }
      data={[
        { value: ALL, label: "All lines" },
        ...(isOne || (plant === undefined && line === undefined)
          ? []
          : [{ value: SOME, label: [plant, line].filter(Boolean).join(" · ") }]),
        ...lines.flatMap(({ title, stations: [first] }) =>
          first === undefined ? [] : [{ value: key(first.plant, first.line), label: title }],
        ),
      ]}
      onChange={({ currentTarget: { value } }) => {
        if (value === SOME) return;
        const [of, name] = value === ALL ? [] : (JSON.parse(value) as string[]);
        void navigate({ search: (old) => ({ ...old, plant: of, line: name }) });
      }}
    />
  );
}
