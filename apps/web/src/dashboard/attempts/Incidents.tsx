import type { AttemptDetail } from "@flashline/contract";
import { duration, hexAddress } from "../../shared/format.ts";
import { incidentsOf } from "./say.ts";

export function Incidents({
  attempt,
}: {
  readonly attempt: Pick<AttemptDetail, "incidents" | "incidentCounts">;
}) {
  const { incidents, incidentCounts = {} } = attempt;
  if (incidents.length === 0) return <p className="soft">None: the link held all the time.</p>;
  const all = incidentsOf(attempt);
  const kinds = Object.entries(incidentCounts).map(([code, n]) => `${n} ${code}`);
  return (
    <>
      {all > incidents.length && (
        <p className="soft">
          {all} in all ({kinds.join(", ")}). Shown are the first and the last {incidents.length / 2}
          .
        </p>
      )}
      <Listed incidents={incidents} />
    </>
  );
}

function Listed({ incidents }: Pick<AttemptDetail, "incidents">) {
  return (
    <ol className="incidents">
      {incidents.map((incident) => (
        <li key={`${incident.atMs} ${incident.code} ${incident.detail}`}>
          <span className="at">+{duration(incident.atMs)}</span>
          <span>
            <span className="mono">{incident.code}</span>{" "}
            <span className="soft">
              in {incident.phase}
              {incident.address !== undefined && ` at ${hexAddress(incident.address)}`}
            </span>
            <br />
            {incident.detail}
          </span>
        </li>
      ))}
    </ol>
  );
}
