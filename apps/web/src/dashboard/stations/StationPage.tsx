import { called, type StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Icon } from "../../shared/icons.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { Answered, Empty } from "../parts/states.tsx";
import { Barcodes } from "./Barcodes.tsx";
import { Doctor } from "./Doctor.tsx";
import { EnrolAct } from "./EnrolAct.tsx";
import { HoldAct } from "./HoldAct.tsx";
import { MoveStation } from "./MoveStation.tsx";
import { Operators } from "./Operators.tsx";
import { RevokeStation } from "./RevokeStation.tsx";
import { StationCard } from "./StationCard.tsx";
import { Nests, Queue } from "./StationTables.tsx";

/** One station: its nests as they are now, what it works on, how people work there, and what its doctor found. */
export function StationPage() {
  const { name } = useParams({ from: "/stations/$name" });
  const stations = useQuery(queries.stations());
  const station = stations.data?.find((one) => one.name === name);
  return (
    <ManagePage
      title={called("Station", name)}
      asOf={stations.dataUpdatedAt}
      acts={station !== undefined && <Acts station={station} />}
    >
      <Answered query={stations}>
        {() =>
          station === undefined ? (
            <section className="card">
              <Empty title={`There is no ${called("station", name)}.`}>
                Where its line is retired, what it made is still found under Attempts.
              </Empty>
            </section>
          ) : (
            <>
              <Hold station={name} />
              <div className="two even station-now">
                <StationCard station={station} heading="h2" />
                <Queue station={station} />
              </div>
              <Nests station={station} />
              <Operators station={name} />
              <Doctor station={name} />
            </>
          )
        }
      </Answered>
    </ManagePage>
  );
}

function Acts({ station }: { readonly station: StationView }) {
  const holds = useQuery(manage.holds());
  const isPaused = (holds.data ?? []).some(
    ({ kind, name }) => kind === "station" && name === station.name,
  );
  return (
    <>
      <HoldAct
        target={{ kind: "station", station: station.name }}
        name={station.name}
        isOn={isPaused}
      />
      <EnrolAct station={station} />
      <Barcodes station={station} />
      <MoveStation station={station} />
      {station.enrolled && <RevokeStation station={station} />}
      <Link className="b" to="/attempts" search={{ station: station.name }}>
        Its attempts
      </Link>
    </>
  );
}

/** Why the whole station stands, where somebody stopped it. */
function Hold({ station }: { readonly station: string }) {
  const holds = useQuery(manage.holds());
  const hold = (holds.data ?? []).find(({ kind, name }) => kind === "station" && name === station);
  if (hold === undefined) return null;
  return (
    <p className="note bad hold-note">
      <Icon name="barred" />
      <span>
        <b>Paused by {hold.setBy}:</b> {hold.reason}
      </span>
    </p>
  );
}
