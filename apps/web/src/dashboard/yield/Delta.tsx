import type { Difference, YieldView } from "@flashline/contract";
import { counted } from "../../shared/format.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { day, fullTime } from "../parts/time.ts";
import { points, sayDifference } from "./say.ts";

const DAY_MS = 86_400_000;

interface Props {
  readonly of: Difference;
  readonly comparison: NonNullable<YieldView["comparison"]>;
}

/** A change with its interval; grey where the interval holds no change. */
export function Delta({ of: difference, comparison }: Props) {
  const zone = usePlantZone();
  const { value, low, high, strata, n, nBefore } = difference;
  if (value === null) {
    return <span className="delta few">not comparable: no host worked in both times</span>;
  }
  const { from, to, release } = comparison;
  const isLong = Date.parse(to) - Date.parse(from) >= DAY_MS;
  const at = isLong ? day : fullTime;
  const when = `${at(from, zone)} to ${at(Date.parse(to) - 1000, zone)}`;
  const sure = sayDifference(difference);
  return (
    <span className={`delta ${sure}`}>
      <b>{points(value)}</b> ({points(low)} to {points(high)}),{" "}
      {sure === "same" ? "no sure change" : sure}
      <small>
        {release === null ? "" : `release ${release}, `}
        {when}; {n} and {nBefore} units at {counted(strata, "host")} that worked in both
      </small>
    </span>
  );
}
