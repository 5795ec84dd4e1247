import type { PlantView } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/plan.css";
import { count, duration } from "../../shared/format.ts";
import type { Column } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { addDays, dayWords, isDay, todayIn } from "./days.ts";
import { LoadPlans, RemovePlan, SetPlan } from "./PlanActs.tsx";
import { byShift, productsText, type ShiftRow } from "./say.ts";

const DAYS = 14;
const ALL = "";

/** What lines are to make in their shifts, two weeks at a time. */
export function PlansPage() {
  const { plant, line, from } = useSearch({ from: "/plans" });
  const zone = usePlantZone();
  const first = from !== undefined && isDay(from) ? from : addDays(todayIn(zone), -1);
  const last = addDays(first, DAYS - 1);
  const plants = useQuery(queries.plants());
  const plans = useQuery(manage.plans({ plant, line, from: first, to: last }));
  const known = plants.data ?? [];
  const rows = byShift(plans.data ?? [], (name, shift) => shiftPlace(known, name, shift));
  return (
    <ManagePage
      title="Plans"
      asOf={plans.dataUpdatedAt}
      says="What each shift of a line is to make. The Line page holds against it what is made."
      acts={
        <>
          <LoadPlans />
          {known.length > 0 && <SetPlan plants={known} plant={plant} line={line} />}
        </>
      }
    >
      <div className="table-tools">
        <Lines plants={known} />
        <span className="space" />
        <Link to="/plans" search={{ plant, line, from: addDays(first, -DAYS) }} className="b small">
          Earlier
        </Link>
        <Link to="/plans" search={{ plant, line, from: undefined }} className="b small">
          Now
        </Link>
        <Link to="/plans" search={{ plant, line, from: addDays(first, DAYS) }} className="b small">
          Later
        </Link>
      </div>
      <Answered query={plans}>
        {() => (
          <TableCard
            title={`${dayWords(first)} to ${dayWords(last)}`}
            name="Plans"
            rows={rows}
            keyOf={({ key }) => key}
            columns={columnsFor(known)}
            empty={[
              "No plan in these two weeks.",
              "Set one, or load a list from the MES. Without a plan the Line page holds nothing against what is made.",
            ]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

const shiftPlace = (plants: readonly PlantView[], plant: string, shift: string): number =>
  plants.find(({ name }) => name === plant)?.shifts.findIndex(({ name }) => name === shift) ?? -1;

const taktOf = ({ workingMs, units }: ShiftRow): number | null =>
  workingMs === null ? null : workingMs / units;

const columnsFor = (plants: readonly PlantView[]): readonly Column<ShiftRow>[] => [
  { name: "Day", csv: ({ day }) => day, cell: ({ day }) => dayWords(day) },
  {
    name: "Plant",
    csv: ({ plant }) => plant,
    ...(plants.length > 1 ? { cell: ({ plant }) => plant } : {}),
  },
  { name: "Line", csv: ({ line }) => line, cell: ({ line }) => line },
  {
    name: "Shift",
    csv: ({ shift }) => shift,
    cell: ({ shift, workingMs }) =>
      workingMs === null ? (
        <>
          {shift} <span className="warn-text">the plant has no such shift any more</span>
        </>
      ) : (
        shift
      ),
  },
  { name: "Units", csv: ({ units }) => units, cell: ({ units }) => count(units), isFigure: true },
  { name: "Of", csv: productsText, cell: productsText },
  {
    name: "Takt",
    csv: (row) => {
      const takt = taktOf(row);
      return takt === null ? null : Math.round(takt) / 1_000;
    },
    cell: (row) => {
      const takt = taktOf(row);
      return takt === null ? "–" : duration(takt);
    },
    isFigure: true,
  },
  {
    name: "Actions",
    cell: (row) => (
      <span className="row-acts">
        <SetPlan plants={plants} plant={row.plant} line={row.line} row={row} />
        <RemovePlan row={row} />
      </span>
    ),
  },
];

/** Which line; nothing to choose where there is only one. */
function Lines({ plants }: { readonly plants: readonly PlantView[] }) {
  const { plant, line, from } = useSearch({ from: "/plans" });
  const navigate = useNavigate({ from: "/plans" });
  const lines = plants.flatMap(({ name, lines: own }) => own.map((one) => [name, one] as const));
  if (lines.length < 2) return null;
  return (
    <NativeSelect
      aria-label="Line"
      size="xs"
      value={plant !== undefined && line !== undefined ? JSON.stringify([plant, line]) : ALL}
      data={[
        { value: ALL, label: "All lines" },
        ...lines.map((one) => ({ value: JSON.stringify(one), label: one.join(" · ") })),
      ]}
      onChange={({ currentTarget: { value } }) => {
        const [of, name] = value === ALL ? [] : (JSON.parse(value) as string[]);
        void navigate({ search: { plant: of, line: name, from } });
      }}
    />
  );
}
