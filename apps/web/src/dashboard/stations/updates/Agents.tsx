import { describeStationUpdate, type StationVersion } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import type { Column } from "../../act/DataTable.tsx";
import { TableCard } from "../../act/TableCard.tsx";
import { manage } from "../../api/manage.ts";
import { Answered } from "../../parts/states.tsx";
import { PushAct } from "./PushAct.tsx";
import { PushNote } from "./PushNote.tsx";
import { sayVersions } from "./say.ts";

const wordsOf = ({ update, connected }: StationVersion): string =>
  update === null ? "" : describeStationUpdate(update, connected);

const COLUMNS: readonly Column<StationVersion>[] = [
  { name: "Station", csv: ({ station }) => station, cell: ({ station }) => <b>{station}</b> },
  {
    name: "Line",
    csv: ({ plant, line }) => `${plant} ${line}`,
    cell: ({ plant, line }) => `${plant} · ${line}`,
  },
  {
    name: "Agent",
    csv: ({ version }) => version,
    cell: ({ version }) => version ?? <span className="soft">not known</span>,
  },
  {
    name: "Newer version",
    csv: ({ newest }) => newest ?? "",
    cell: ({ newest }) => newest,
  },
  {
    name: "Update",
    csv: wordsOf,
    cell: (station) => wordsOf(station) || <span className="soft">none was pushed</span>,
    className: "wrap",
  },
];

/** Which version each line PC's agent is, how its update goes, and what brings one there. */
export function Agents() {
  const versions = useQuery(manage.stationVersions());
  return (
    <Answered query={versions} lines={3}>
      {(stations) => (
        <TableCard
          title="Agents"
          name="Agents on line PCs"
          rows={stations}
          keyOf={({ stationId }) => stationId}
          columns={COLUMNS}
          acts={<PushAct stations={stations} />}
          empty={["No station yet."]}
        >
          <p className="soft">{sayVersions(stations)}</p>
          <PushNote />
        </TableCard>
      )}
    </Answered>
  );
}
