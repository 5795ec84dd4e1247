import { called, type StationView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { count, counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { ago } from "../parts/time.ts";
import { NestTile } from "./NestTile.tsx";

/** A station as it is now. */
export function StationCard({
  station,
  heading: Heading = "h3",
}: {
  readonly station: StationView;
  /** Below which heading of its page it stands. */
  readonly heading?: "h2" | "h3";
}) {
  const gone = !station.connected;
  return (
    <article
      className={`card station ${gone ? "gone" : ""}`}
      aria-label={called("Station", station.name)}
    >
      <header>
        <Heading>
          <Link to="/stations/$name" params={{ name: station.name }}>
            {station.name}
          </Link>
        </Heading>
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
        <DoctorNote station={station} />
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

/** Where the station's doctor found something. */
function DoctorNote({ station: { name, doctor } }: { readonly station: StationView }) {
  if (doctor === null || doctor.failed + doctor.warned === 0) return null;
  const { failed, warned } = doctor;
  return (
    <Link to="/stations/$name" params={{ name }} className={failed > 0 ? "bad-text" : "warn-text"}>
      <Icon name="warning" size={14} />{" "}
      {failed > 0
        ? `${failed} to repair`
        : counted(warned, "thing to look at", "things to look at")}
    </Link>
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
