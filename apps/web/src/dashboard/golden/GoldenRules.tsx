import type { GoldenRule, PlantView } from "@flashline/contract";
import { useQueries } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { nameColumn, wordColumn } from "../act/columns.tsx";
import type { Column } from "../act/DataTable.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { golden } from "../api/golden.ts";
import { ErrorNote, Loading } from "../parts/states.tsx";
import { SetRule } from "./GoldenActs.tsx";

interface PlantRule {
  readonly plant: PlantView;
  readonly rule: GoldenRule;
}

function often({ every, hours }: GoldenRule): string {
  if (every === "never") return "never due";
  return every === "shift" ? "once a shift" : `every ${counted(hours, "hour")}`;
}

const afterwards = ({ every, overdue }: GoldenRule): string | null => {
  if (every === "never") return null;
  return overdue === "block" ? "nothing else starts in the nest" : "the nest's card says so";
};

const COLUMNS: readonly Column<PlantRule>[] = [
  nameColumn("Plant", ({ plant }) => plant.name),
  wordColumn("Each nest", ({ rule }) => often(rule)),
  wordColumn("When a check is due", ({ rule }) => afterwards(rule)),
  { name: "Actions", cell: ({ plant, rule }) => <SetRule plant={plant} rule={rule} /> },
];

/** How often the nests of each plant are checked, and what a due check does. */
export function GoldenRules({ plants }: { readonly plants: readonly PlantView[] }) {
  const rules = useQueries({ queries: plants.map(({ id }) => golden.rule(id)) });
  const failed = rules.find(({ error }) => error !== null);
  const rows = plants.flatMap((plant, at) => {
    const rule = rules[at]?.data;
    return rule === undefined ? [] : [{ plant, rule }];
  });
  if (rows.length < plants.length) {
    return failed === undefined ? <Loading lines={2} /> : <ErrorNote error={failed.error} />;
  }
  return (
    <TableCard
      title="How often nests are checked"
      name="Golden rules"
      rows={rows}
      keyOf={({ plant }) => plant.id}
      columns={COLUMNS}
      empty={["No plants yet.", "A plant is added under Settings."]}
    />
  );
}
