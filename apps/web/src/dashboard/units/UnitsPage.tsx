import type { UnitSort } from "@flashline/contract";
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
import { unitColumns } from "./columns.tsx";
import { UnitFilters } from "./UnitFilters.tsx";

export function UnitsPage() {
  const search = useSearch({ from: "/units" });
  const navigate = useNavigate({ from: "/units" });
  const units = useInfiniteQuery(queries.units(search));
  const { sort, ...filters } = search;
  const change = (to: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...to }) });
  const filtered = isNarrowed(filters);
  const columns = useColumns(unitColumns);
  return (
    <main>
      <PageHead title="Units" asOf={units.dataUpdatedAt} />
      <UnitFilters />
      <FilterBar selection={selectionOf(search)} timeWithout="All times" onChange={change}>
        <Only only={search.only} onChange={(only) => change({ only })} />
      </FilterBar>
      <section className="card">
        <Answered query={units} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={filtered ? "No unit matches." : "No units yet."}>
                {filtered
                  ? "Check the serial, or choose another state or other filters."
                  : "Units come with an import of serials, or with their first scan where the product allows it."}
              </Empty>
            ) : (
              <LongTable
                name="Units"
                rows={rows}
                columns={columns}
                sort={sort}
                usual="-worked"
                // What a search finds has an order of its own.
                onSort={
                  search.search === undefined
                    ? (next) => change({ sort: next as UnitSort | undefined })
                    : undefined
                }
                query={units}
              >
                <CsvLink href={withSelection("/v1/units.csv", filters)} />
              </LongTable>
            )
          }
        </Answered>
      </section>
    </main>
  );
}
