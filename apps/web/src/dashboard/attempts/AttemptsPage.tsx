import type { AttemptSort } from "@flashline/contract";
import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { CsvLink } from "../parts/CsvLink.tsx";
import { PageHead } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { FilterBar } from "../selection/FilterBar.tsx";
import { Only } from "../selection/Only.tsx";
import { isNarrowed, selectionOf, withSelection } from "../selection/selection.ts";
import { LongTable } from "../table/LongTable.tsx";
import { useColumns } from "../table/use-columns.ts";
import { attemptColumns } from "./columns.tsx";

export function AttemptsPage() {
  const search = useSearch({ from: "/attempts" });
  const navigate = useNavigate({ from: "/attempts" });
  const attempts = useInfiniteQuery(queries.attempts(search));
  const columns = useColumns(attemptColumns);
  const { sort, ...filters } = search;
  const filtered = isNarrowed(filters);
  const change = (to: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...to }) });
  return (
    <main>
      <PageHead title="Attempts" asOf={attempts.dataUpdatedAt} />
      <FilterBar
        selection={selectionOf(search)}
        timeWithout="All times"
        without={["outcome"]}
        onChange={change}
      >
        <SegmentedControl
          aria-label="Outcome"
          size="sm"
          value={search.outcome ?? ""}
          data={[
            { value: "", label: "All" },
            { value: "PASS", label: "✓ PASS" },
            { value: "FAIL", label: "✕ FAIL" },
          ]}
          onChange={(value) =>
            change({ outcome: value === "PASS" || value === "FAIL" ? value : undefined })
          }
        />
        {search.outcome !== undefined && <b className="on-paper">{search.outcome}</b>}
        <Only only={search.only} onChange={(only) => change({ only })} />
      </FilterBar>
      <section className="card">
        <Answered query={attempts} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={filtered ? "No attempt matches these filters." : "No attempts yet."}>
                {filtered
                  ? "Choose other filters."
                  : "Scan a unit at a station and press START; its attempt appears here."}
              </Empty>
            ) : (
              <LongTable
                name="Attempts"
                rows={rows}
                columns={columns}
                sort={sort}
                usual="-time"
                onSort={(next) => change({ sort: next as AttemptSort | undefined })}
                query={attempts}
              >
                <CsvLink href={withSelection("/v1/attempts.csv", filters)} />
              </LongTable>
            )
          }
        </Answered>
      </section>
    </main>
  );
}
