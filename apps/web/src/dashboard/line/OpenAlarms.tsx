import type { StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Elapsed } from "../../shared/Elapsed.tsx";
import { Icon } from "../../shared/icons.tsx";
import { queries } from "../api/queries.ts";
import { ErrorNote } from "../parts/states.tsx";
import { alarmsOf } from "./say.ts";

interface Props {
  readonly plant: string | undefined;
  readonly stations: readonly StationView[];
}

/** What needs a person, for how long, and who has taken it. Nothing where nothing does. */
export function OpenAlarms({ plant, stations }: Props) {
  const alarms = useQuery(queries.openAlarms(plant));
  if (alarms.data === undefined) {
    return alarms.error === null ? null : <ErrorNote error={alarms.error} />;
  }
  const shown = alarmsOf(alarms.data, stations);
  if (shown.length === 0) return null;
  return (
    <ul className="card open-alarms" aria-label="Open alarms">
      {shown.map(({ id, message, raisedAt, takenBy, overdueAt }) => (
        <li key={id} className={takenBy === null ? "free" : ""}>
          <Icon name={takenBy === null ? "warning" : "clock"} size={18} />
          <b>
            <Link to="/alarms">{message}</Link>
          </b>
          <span className="since">
            <Elapsed since={raisedAt} />
          </span>
          <span className="who">
            {takenBy ?? (overdueAt === null ? "nobody yet" : "nobody in time")}
          </span>
        </li>
      ))}
    </ul>
  );
}
