import type { GoldenCheckView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { bytes } from "../../shared/format.ts";
import { timeColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { golden } from "../api/golden.ts";
import { Answered } from "../parts/states.tsx";
import { sayCheck } from "./check-words.ts";
import { nestColumn } from "./nest-column.tsx";
import { Result } from "./Result.tsx";

const columns = (zone: string | undefined): readonly Column<GoldenCheckView>[] => [
  {
    name: "Result",
    csv: sayCheck,
    cell: (check) => <Result check={check} />,
    className: "what",
  },
  nestColumn,
  wordColumn("With", ({ serial }) => serial),
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
  timeColumn("At", zone, ({ at }) => at),
];

/** The latest checks of all nests. */
export function GoldenChecks({ zone }: { readonly zone: string | undefined }) {
  const checks = useQuery(golden.checks());
  return (
    <Answered query={checks} lines={3}>
      {(rows) => (
        <TableCard
          title="Latest checks"
          rows={rows}
          keyOf={({ id }) => id}
          columns={columns(zone)}
          empty={["No checks yet.", "A golden unit is scanned at a nest as any unit is."]}
        />
      )}
    </Answered>
  );
}
