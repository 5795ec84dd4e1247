import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RowTable } from "../act/DataTable.tsx";
import { manage } from "../api/manage.ts";
import { attemptColumns } from "../attempts/columns.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";

/** The latest units that got the release, as they come. */
export function FirstUnits({ release }: { readonly release: ReleaseView }) {
  const { product, version } = release;
  const attempts = useQuery(manage.attemptsOf(product, version));
  const zone = usePlantZone();
  return (
    <section className="card" aria-label="Its latest units">
      <h2>
        Its latest units
        <Link className="more" to="/attempts" search={{ product, release: version }}>
          All attempts
        </Link>
      </h2>
      <Answered query={attempts} lines={3}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No unit has it yet.">They come here as they are flashed.</Empty>
          ) : (
            <RowTable
              name="Its latest units"
              rows={rows}
              keyOf={({ id }) => id}
              columns={attemptColumns(zone).filter(({ shown }) => shown !== "chosen")}
            />
          )
        }
      </Answered>
    </section>
  );
}
