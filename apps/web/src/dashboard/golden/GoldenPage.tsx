import type { GoldenView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { timeColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { golden } from "../api/golden.ts";
import { queries } from "../api/queries.ts";
import { Badge } from "../parts/Badge.tsx";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { AddGolden, RetireGolden } from "./GoldenActs.tsx";
import { GoldenChecks } from "./GoldenChecks.tsx";
import { GoldenNests } from "./GoldenNests.tsx";
import { GoldenRules } from "./GoldenRules.tsx";

/** So near to the limit of its cycles a golden unit is marked, as a share. */
const WORN = 0.9;

const columns = (zone: string | undefined): readonly Column<GoldenView>[] => [
  {
    name: "Golden unit",
    csv: ({ serial }) => serial,
    cell: ({ serial, worn, cycles }) => (
      <>
        <b className="mono">{serial}</b>{" "}
        {worn >= WORN * cycles && <Badge state="WATCH" word="Nearly worn" />}
      </>
    ),
  },
  wordColumn("Release", ({ product, version }) => `${product} ${version}`),
  wordColumn("Plant", ({ plant }) => plant),
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
  timeColumn("Last check", zone, ({ lastCheckAt }) => lastCheckAt),
  { name: "Actions", cell: (unit) => <RetireGolden unit={unit} /> },
];

/** Golden units, and which nests are to be checked with them. */
export function GoldenPage() {
  const units = useQuery(golden.units());
  const plants = useQuery(queries.plants());
  const zone = usePlantZone();
  return (
    <ManagePage
      title="Golden units"
      asOf={units.dataUpdatedAt}
      says="A golden unit is a known good one that checks nests. It belongs to no work order, and no yield counts it."
      acts={<AddGolden />}
    >
      <Answered query={units}>
        {(rows) => (
          <TableCard
            title={counted(rows.length, "golden unit")}
            name="Golden units"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columns(zone)}
            empty={["No golden units yet.", "Register one, and scan it at a nest."]}
          />
        )}
      </Answered>
      {plants.data !== undefined && <GoldenRules plants={plants.data} />}
      <GoldenNests zone={zone} />
      <GoldenChecks zone={zone} />
    </ManagePage>
  );
}
