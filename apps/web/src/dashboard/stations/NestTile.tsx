import type { StationView } from "@flashline/contract";
import { Icon } from "../../shared/icons.tsx";
import { Serial } from "../../shared/Serial.tsx";
import { lookOfState } from "../parts/badges.ts";

interface Props {
  readonly nest: StationView["nests"][number];
  /** False while the station is away: then nothing of before is shown as now. */
  readonly known: boolean;
}

export function NestTile({ nest, known }: Props) {
  const look = lookOfState(known ? nest.state : "unknown");
  const working = known && (nest.state === "busy" || nest.state === "starting");
  return (
    <li
      className={`nest-tile ${look.tone} ${known ? nest.state : "unknown"}`}
      title={nest.portPath}
    >
      <span className="no">{nest.name}</span>
      <span className="state">
        <Icon name={look.icon} size={14} />
        {working ? `${Math.floor((nest.fraction ?? 0) * 100)} %` : look.word}
      </span>
      <Serial className="serial">{known ? (nest.serial ?? "") : ""}</Serial>
      {working && (
        <span className="bar">
          <i style={{ width: `${(nest.fraction ?? 0) * 100}%` }} />
        </span>
      )}
      {known && nest.code !== null && <span className="mono code">{nest.code}</span>}
    </li>
  );
}
