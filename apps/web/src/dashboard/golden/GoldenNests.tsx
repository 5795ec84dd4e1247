import type { GoldenNest } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { timeColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { golden } from "../api/golden.ts";
import { Badge } from "../parts/Badge.tsx";
import { Answered } from "../parts/states.tsx";
import { sayCheck } from "./check-words.ts";
import { nestColumn } from "./nest-column.tsx";
import { Result } from "./Result.tsx";

const columns = (zone: string | undefined): readonly Column<GoldenNest>[] => [
  {
    name: "State",
    csv: ({ due, blocks }) => (due ? (blocks ? "due, nothing else starts" : "due") : "not due"),
    cell: ({ due, blocks }) => {
      if (!due) return <Badge state="new" word="Not due" />;
      return blocks ? (
        <Badge state="SUSPECT" word="Due: nothing else starts" />
      ) : (
        <Badge state="WATCH" word="Due" />
      );
    },
  },
  nestColumn,
  {
    name: "Last result",
    csv: ({ last }) => (last === null ? "" : sayCheck(last)),
    cell: ({ last }) =>
      last === null ? <span className="soft">never checked</span> : <Result check={last} />,
    className: "what",
  },
  wordColumn("With", ({ last }) => last?.serial ?? null),
  timeColumn("Last check", zone, ({ last }) => last?.at ?? null),
  timeColumn("Due", zone, ({ dueAt }) => dueAt),
];

/** Which nests are due, those first. */
export function GoldenNests({ zone }: { readonly zone: string | undefined }) {
  const nests = useQuery(golden.nests());
  return (
    <Answered query={nests}>
      {(rows) => (
        <TableCard
          title={`Nests, ${rows.filter(({ due }) => due).length} of ${rows.length} due`}
          name="Golden nests"
          rows={rows.toSorted((a, b) => Number(b.due) - Number(a.due))}
          keyOf={({ station, nest }) => `${station}/${nest}`}
          columns={columns(zone)}
          empty={["No nests yet.", "Nests are taught at their stations."]}
        />
      )}
    </Answered>
  );
}
