import type { GoldenView, PlantView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { type Column, DataTable } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { golden } from "../api/golden.ts";
import { queries } from "../api/queries.ts";
import { Tag } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { AddGolden, RetireGolden, SetRule } from "./GoldenActs.tsx";
import { GoldenChecks } from "./GoldenChecks.tsx";
import { GoldenNests } from "./GoldenNests.tsx";

/** So near to the limit of its cycles a golden unit is marked, as a share. */
const WORN = 0.9;

const columns = (zone: string | undefined): readonly Column<GoldenView>[] => [
  {
    name: "Golden unit",
    csv: ({ serial }) => serial,
    cell: ({ serial, worn, cycles }) => (
      <>
        <b className="mono">{serial}</b> {worn >= WORN * cycles && <Tag>nearly worn</Tag>}
      </>
    ),
  },
  {
    name: "Flashes",
    csv: ({ product, version }) => `${product} ${version}`,
    cell: ({ product, version }) => `${product} ${version}`,
  },
  { name: "Plant", csv: ({ plant }) => plant, cell: ({ plant }) => plant },
  {
    name: "Erase cycles",
    csv: ({ worn }) => worn,
    cell: ({ worn, cycles }) => `${count(worn)} of ${count(cycles)}`,
    isFigure: true,
  },
  {
    name: "Areas",
    csv: ({ areas }) => areas,
    cell: ({ areas }) => areas,
    isFigure: true,
    className: "narrow",
  },
  {
    name: "Checks",
    csv: ({ checks }) => checks,
    cell: ({ checks }) => count(checks),
    isFigure: true,
  },
  {
    name: "Last check",
    csv: ({ lastCheckAt }) => lastCheckAt,
    cell: ({ lastCheckAt }) =>
      lastCheckAt === null ? <span className="soft">never</span> : when(lastCheckAt, zone),
  },
  { name: "Actions", cell: (unit) => <RetireGolden unit={unit} /> },
];

/** Golden units, and which nests are to be checked with them. */
export function GoldenPage() {
  const units = useQuery(golden.units());
  const plants = useQuery(queries.plants());
  const zone = usePlantZone();
  return (
    <ManagePage title="Golden units" asOf={units.dataUpdatedAt} acts={<AddGolden />}>
      <section className="card">
        <Answered query={units}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No golden units yet.">
                A golden unit is a known one that checks nests. It belongs to no work order, and no
                yield counts it.
              </Empty>
            ) : (
              <DataTable
                name="Golden units"
                rows={rows}
                keyOf={({ id }) => id}
                columns={columns(zone)}
              >
                <span className="soft">{counted(rows.length, "golden unit")}</span>
              </DataTable>
            )
          }
        </Answered>
      </section>
      <section className="card" aria-labelledby="golden-rule">
        <div className="card-head">
          <h2 id="golden-rule">How often</h2>
        </div>
        {(plants.data ?? []).map((plant) => (
          <Rule key={plant.id} plant={plant} />
        ))}
      </section>
      <GoldenNests zone={zone} />
      <GoldenChecks zone={zone} />
    </ManagePage>
  );
}

function Rule({ plant }: { readonly plant: PlantView }) {
  const { data } = useQuery(golden.rule(plant.id));
  if (data === undefined) return null;
  const { every, hours, overdue } = data;
  const often =
    every === "never"
      ? "nests are never due"
      : every === "shift"
        ? "each nest once a shift"
        : `each nest every ${counted(hours, "hour")}`;
  const then =
    every === "never"
      ? ""
      : overdue === "block"
        ? " Nothing else starts in a nest whose check is due."
        : " A due check is only shown.";
  return (
    <p>
      {plant.name}: {often}.{then} <SetRule plant={plant} rule={data} />
    </p>
  );
}
