import { usePlantZone } from "../parts/PageHead.tsx";
import { when } from "../parts/time.ts";
import type { Deed } from "./deeds.ts";

/** What was done in the time of a chart, by the numbers that stand in it. */
export function Deeds({ deeds }: { readonly deeds: readonly Deed[] }) {
  const zone = usePlantZone();
  if (deeds.length === 0) return null;
  return (
    <ol className="deeds" aria-label="What was done in this time">
      {deeds.map(({ id, at, what, who, reason }) => (
        <li key={id}>
          <span className="soft">{when(at, zone)}</span> <b>{what}</b>, {who}
          {reason !== null && <span className="soft">: {reason}</span>}
        </li>
      ))}
    </ol>
  );
}
