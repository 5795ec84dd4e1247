import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries.ts";

/** How many hosts a person should look at. */
export function FlaggedHosts() {
  const { data } = useQuery(queries.hosts());
  const flagged = (data?.hosts ?? []).filter((host) =>
    ["SUSPECT", "QUARANTINED"].includes(host.verdict),
  ).length;
  if (flagged === 0) return null;
  return (
    <span className="dot">
      {flagged}
      <span className="unseen"> to look at</span>
    </span>
  );
}
