import type { AttemptDetail } from "@flashline/contract";
import { duration, hexAddress } from "../../shared/format.ts";

export function Incidents({ incidents }: { readonly incidents: AttemptDetail["incidents"] }) {
  if (incidents.length === 0) return <p className="soft">None: the link held all the time.</p>;
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
