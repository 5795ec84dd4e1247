import { called, type LineView, type PlantView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { type Column, CsvButton, RowTable } from "../act/DataTable.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { manage } from "../api/manage.ts";
import { Tag } from "../parts/Badge.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Answered, Empty } from "../parts/states.tsx";
import { operatorFacts } from "../stations/Operators.tsx";
import { Guard } from "./Guard.tsx";
import { AddLine, AddPlant, ChangePlant, SetPlantOperators } from "./PlantActs.tsx";
import { RenamePlace, RetirePlace } from "./RetireActs.tsx";
import { SettingsTabs } from "./SettingsTabs.tsx";
import { shiftsText } from "./shifts.ts";

const FILE: readonly Column<LineView>[] = [
  { name: "Plant", csv: ({ plant }) => plant },
  { name: "Line", csv: ({ name }) => name },
  { name: "Stations", csv: ({ stations }) => stations },
  { name: "Retired", csv: ({ retiredAt }) => retiredAt },
];

const LINES: readonly Column<LineView>[] = [
  {
    name: "Line",
    cell: ({ name, retiredAt }) => (
      <>
        <b>{name}</b> {retiredAt !== null && <Tag>retired</Tag>}
      </>
    ),
  },
  { name: "Stations", cell: ({ stations }) => stations, isFigure: true },
  {
    name: "Actions",
    cell: (line) => (
      <span className="row-acts">
        <RenamePlace what="line" place={line} />
        <RetirePlace what="line" place={line} />
      </span>
    ),
  },
];

/** Plants with their clocks and lines. */
export function SettingsPage() {
  const plants = useQuery(manage.allPlants());
  const lines = useQuery(manage.allLines());
  const all = lines.data ?? [];
  return (
    <ManagePage
      title="Settings"
      asOf={plants.dataUpdatedAt}
      acts={<AddPlant plants={(plants.data ?? []).map(({ name }) => name)} />}
    >
      <div className="table-tools">
        <SettingsTabs />
        <span className="space" />
        {all.length > 0 && <CsvButton name="Plants and lines" rows={all} columns={FILE} />}
      </div>
      <Answered query={plants}>
        {(rows) =>
          rows.length === 0 ? (
            <section className="card">
              <Empty title="No plants yet.">
                A plant has a clock and lines; a line has stations. Add the plant first.
              </Empty>
            </section>
          ) : (
            rows.map((plant) => (
              <Plant
                key={plant.id}
                plant={plant}
                lines={all.filter((line) => line.plant === plant.name)}
              />
            ))
          )
        }
      </Answered>
    </ManagePage>
  );
}

function Plant({
  plant,
  lines,
}: {
  readonly plant: PlantView;
  readonly lines: readonly LineView[];
}) {
  return (
    <section className="card" aria-label={called("Plant", plant.name)}>
      <div className="card-head">
        <h2>
          {plant.name} {plant.retiredAt !== null && <Tag>retired</Tag>}
        </h2>
        <span className="soft">
          {counted(lines.length, "line")}, {counted(plant.stations, "station")}
        </span>
        <span className="row-acts">
          {plant.retiredAt === null && (
            <>
              <AddLine plant={plant} />
              <ChangePlant plant={plant} />
              <SetPlantOperators plant={plant} />
            </>
          )}
          <RenamePlace what="plant" place={plant} />
          <RetirePlace what="plant" place={plant} />
        </span>
      </div>
      <Facts
        items={[
          ["Time zone", plant.timeZone],
          [
            "Shifts",
            plant.shifts.length === 0
              ? "none: around the clock"
              : shiftsText(plant.shifts).replaceAll("\n", "; "),
          ],
          ...operatorFacts(plant.operators),
        ]}
      />
      <Guard plant={plant} />
      {lines.length > 0 && (
        <RowTable
          name={`Lines of ${plant.name}`}
          rows={lines}
          keyOf={({ id }) => id}
          columns={LINES}
        />
      )}
    </section>
  );
}
