import type { ReleaseRadius, ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { fullTime } from "../parts/time.ts";

type Grants = ReleaseRadius["grants"];

const unitsOf = (grants: Grants): number => grants.reduce((sum, { left }) => sum + left, 0);
const latestOf = (grants: Grants): string =>
  grants
    .map(({ until }) => until)
    .toSorted()
    .at(-1) ?? "";

/** What a revocation cannot reach at once, in a sentence; null: nothing. */
export function useBeyondReach(release: Pick<ReleaseView, "id">): string | null {
  const zone = usePlantZone();
  const { data } = useQuery(manage.radius(release.id));
  const grants = data?.grants ?? [];
  if (grants.length === 0) return null;
  const units = counted(unitsOf(grants), "more unit");
  return `${counted(grants.length, "station")} may flash up to ${units} with it without the server, until ${fullTime(latestOf(grants), zone)} at the latest.`;
}

/** Stations that may go on with the release while they do not reach the server, and what a revocation means for them. */
export function WithoutServer({ release }: { readonly release: ReleaseView }) {
  const zone = usePlantZone();
  const beyond = useBeyondReach(release);
  const { data } = useQuery(manage.radius(release.id));
  if (beyond === null || data === undefined) return null;
  return (
    <section className="card">
      <h2>Without the server</h2>
      <p className="say">
        {beyond}{" "}
        {release.state === "revoked"
          ? "A station that has the server has stopped. One that has not heard of it goes on until then; what it flashes is marked for review."
          : "If it is revoked, a station that has the server stops at once. One without it hears nothing, and goes on until then."}
      </p>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th>Station</th>
              <th className="r">Units at most</th>
              <th>Until</th>
            </tr>
          </thead>
          <tbody>
            {data.grants.map(({ station, left, until }) => (
              <tr key={`${station} ${until}`}>
                <td>{station}</td>
                <td className="r">{count(left)}</td>
                <td>{fullTime(until, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
