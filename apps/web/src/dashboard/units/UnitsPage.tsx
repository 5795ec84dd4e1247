import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { CsvLink } from "../parts/CsvLink.tsx";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { FilterBar } from "../selection/FilterBar.tsx";
import { Only } from "../selection/Only.tsx";
import { selectionOf, withSelection } from "../selection/selection.ts";
import { UnitFilters } from "./UnitFilters.tsx";
import { UnitTable } from "./UnitTable.tsx";

export function UnitsPage() {
  const search = useSearch({ from: "/units" });
  const navigate = useNavigate({ from: "/units" });
  const zone = usePlantZone();
  const units = useInfiniteQuery(queries.units(search));
  const filtered = Object.values(search).some((value) => value !== undefined);
  const change = (to: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...to }) });
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
              <>
                <UnitTable rows={rows} zone={zone} />
                <ShowMore shown={rows.length} query={units} />
                {search.search === undefined && search.state === undefined && (
                  <CsvLink href={withSelection("/v1/units.csv", search)} />
                )}
              </>
            )
          }
        </Answered>
      </section>
    </main>
  );
}
