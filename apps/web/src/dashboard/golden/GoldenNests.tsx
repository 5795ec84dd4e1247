import type { GoldenNest } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { type Column, DataTable } from "../act/DataTable.tsx";
import { golden } from "../api/golden.ts";
import { Tag } from "../parts/Badge.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { sayCheck } from "./check-words.ts";
import { NEST } from "./nest-column.tsx";

const columns = (zone: string | undefined): readonly Column<GoldenNest>[] => [
  NEST,
  {
    name: "Check",
    csv: ({ due }) => (due ? "due" : ""),
    cell: ({ due, blocks }) =>
      due ? <Tag>{blocks ? "due, nothing else starts" : "due"}</Tag> : null,
  },
  {
    name: "Due",
    csv: ({ dueAt }) => dueAt,
    cell: ({ dueAt }) => (dueAt === null ? <span className="soft">never</span> : when(dueAt, zone)),
  },
  {
    name: "Last check",
    csv: ({ last }) => last?.at ?? "",
    cell: ({ last }) => (last === null ? <span className="soft">none</span> : when(last.at, zone)),
  },
  {
    name: "Result",
    csv: ({ last }) => (last === null ? "" : sayCheck(last)),
    cell: ({ last }) => (last === null ? "" : sayCheck(last)),
  },
  { name: "With", csv: ({ last }) => last?.serial ?? "", cell: ({ last }) => last?.serial ?? "" },
];

/** Which nests are due, those first. */
export function GoldenNests({ zone }: { readonly zone: string | undefined }) {
  const nests = useQuery(golden.nests());
  return (
    <section className="card" aria-labelledby="golden-nests">
      <div className="card-head">
        <h2 id="golden-nests">Nests</h2>
      </div>
      <Answered query={nests}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No nests yet.">Nests are taught at their stations.</Empty>
          ) : (
            <DataTable
              name="Nests"
              rows={rows.toSorted((a, b) => Number(b.due) - Number(a.due))}
              keyOf={({ station, nest }) => `${station}/${nest}`}
              columns={columns(zone)}
            >
              <span className="soft">
                {counted(rows.filter(({ due }) => due).length, "nest")} due
              </span>
            </DataTable>
          )
        }
      </Answered>
    </section>
  );
}
