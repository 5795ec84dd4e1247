import type { GoldenCheckView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { bytes } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { golden } from "../api/golden.ts";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { sayCheck } from "./check-words.ts";
import { NEST } from "./nest-column.tsx";

const columns = (zone: string | undefined): readonly Column<GoldenCheckView>[] => [
  { name: "When", csv: ({ at }) => at, cell: ({ at }) => when(at, zone) },
  NEST,
  { name: "With", csv: ({ serial }) => serial, cell: ({ serial }) => serial },
  { name: "Result", csv: sayCheck, cell: sayCheck },
  {
    name: "Transcript",
    csv: ({ transcript }) => transcript?.bytes ?? "",
    cell: ({ id, transcript }) =>
      transcript && (
        <>
          <a href={`/v1/golden-checks/${id}/transcript`} download>
            for Wireshark
          </a>{" "}
          <span className="soft">{bytes(transcript.bytes)}</span>
        </>
      ),
  },
];

/** The latest checks of all nests. */
export function GoldenChecks({ zone }: { readonly zone: string | undefined }) {
  const checks = useQuery(golden.checks());
  return (
    <Answered query={checks} lines={3}>
      {(rows) => (
        <TableCard
          title="Latest checks"
          name="Latest checks"
          rows={rows}
          keyOf={({ id }) => id}
          columns={columns(zone)}
          empty={["No checks yet.", "A golden unit is scanned at a nest as any unit is."]}
        />
      )}
    </Answered>
  );
}
