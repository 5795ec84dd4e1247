import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { queries } from "../api/queries.ts";
import { PageHead, usePlantZone } from "../parts/PageHead.tsx";
import { ShowMore } from "../parts/ShowMore.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { UnitFilters } from "./UnitFilters.tsx";
import { UnitTable } from "./UnitTable.tsx";

export function UnitsPage() {
  const search = useSearch({ from: "/units" });
  const zone = usePlantZone();
  const units = useInfiniteQuery(queries.units(search));
  const filtered = search.search !== undefined || search.state !== undefined;
  return (
    <main>
      <PageHead title="Units" asOf={units.dataUpdatedAt} />
      <UnitFilters />
      <section className="card">
        <Answered query={units} lines={10}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={filtered ? "No unit matches." : "No units yet."}>
                {filtered
                  ? "Check the serial, or choose another state."
                  : "Units come with an import of serials, or with their first scan where the product allows it."}
              </Empty>
            ) : (
              <>
                <UnitTable rows={rows} zone={zone} />
                <ShowMore shown={rows.length} query={units} />
              </>
            )
          }
        </Answered>
      </section>
    </main>
  );
}
