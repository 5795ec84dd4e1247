import { type PlantView, type ReadPlans, readPlanRows } from "@flashline/contract";
import { counted, duration } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { CsvField } from "../act/CsvField.tsx";
import { readCsv } from "../act/csv.ts";
import { CheckField, ChoiceField, TextField } from "../act/fields.tsx";
import type { FormState } from "../act/form.ts";
import { call } from "../api/client.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { RefusedRows } from "../work-orders/SerialListAct.tsx";
import { addDays, dayWords, todayIn } from "./days.ts";
import { RowsField } from "./RowsField.tsx";
import { daysOf, planReady, readRows } from "./ready.ts";
import type { ShiftRow } from "./say.ts";
import { usualWorkMs } from "./say.ts";
import type { PlanValues } from "./values.ts";

const AFFECTED = ["plans", "pace"];

interface SetProps {
  readonly plants: readonly PlantView[];
  readonly plant: string | undefined;
  readonly line: string | undefined;
  /** The plan that is changed; without one a new one is set. */
  readonly row?: ShiftRow;
}

const said = (n: number) => `${counted(n, "shift")} ${n === 1 ? "has" : "have"} another plan.`;
const placeOf = (values: Pick<PlanValues, "line">): readonly [plant: string, line: string] =>
  JSON.parse(values.line) as [string, string];

/** Says what a shift of a line is to make, on one day or on several. */
export function SetPlan({ plants, plant, line, row }: SetProps) {
  const zone = usePlantZone();
  const today = todayIn(zone);
  const lines = plants.flatMap(({ name, lines: own }) => own.map((one) => [name, one] as const));
  const chosen = lines.find(([of, name]) => of === plant && name === line) ?? lines[0];
  if (chosen === undefined) return null;
  const shiftsOf = (of: string) => plants.find(({ name }) => name === of)?.shifts ?? [];
  const first = row?.day ?? addDays(today, 1);
  const initial: PlanValues = {
    line: JSON.stringify(chosen),
    shift: row?.shift ?? shiftsOf(chosen[0])[0]?.name ?? "",
    first,
    last: first,
    weekends: false,
    rows: row?.products.map(({ product, units }) => ({ product: product ?? "", units })) ?? [
      { product: "", units: null },
    ],
    reason: "",
  };
  return (
    <Act
      label={row === undefined ? "Set a plan" : "Change"}
      title={
        row === undefined
          ? "Set a plan"
          : `Plan of ${row.line}, ${row.shift} of ${dayWords(row.day)}`
      }
      needs="setPlans"
      {...(row === undefined ? { weight: "first" as const, size: "sm" as const } : {})}
      verb={(values) => {
        const days = daysOf(values).length;
        return days < 2 ? "Set it" : `Set it for ${counted(days, "day")}`;
      }}
      initial={initial}
      ready={planReady}
      run={(values) => {
        const [of, name] = placeOf(values);
        const rows = daysOf(values).flatMap((day) =>
          (readRows(values.rows) ?? []).map((one) => ({
            plant: of,
            line: name,
            day,
            shift: values.shift,
            units: one.units,
            ...(one.product === "" ? {} : { product: one.product }),
          })),
        );
        return call("setPlans", { body: { rows, reason: values.reason } });
      }}
      affects={AFFECTED}
      done={({ body }) => said(body.changed)}
    >
      {(form) => (
        <>
          {row === undefined && <WhenFields form={form} lines={lines} shiftsOf={shiftsOf} />}
          <RowsField form={form} />
          <Needed form={form} shiftsOf={shiftsOf} />
        </>
      )}
    </Act>
  );
}

interface WhenProps {
  readonly form: FormState<PlanValues>;
  readonly lines: readonly (readonly [string, string])[];
  readonly shiftsOf: (plant: string) => PlantView["shifts"];
}

function WhenFields({ form, lines, shiftsOf }: WhenProps) {
  const [plant] = placeOf(form.values);
  const shifts = shiftsOf(plant);
  return (
    <>
      {lines.length > 1 && (
        <ChoiceField
          form={form}
          name="line"
          label="Line"
          choices={lines.map((one) => [JSON.stringify(one), one.join(" · ")] as const)}
        />
      )}
      {shifts.length === 0 ? (
        <p className="bad-text" role="alert">
          {plant} has no shifts. Give it some first, under Settings.
        </p>
      ) : (
        <ChoiceField
          form={form}
          name="shift"
          label="Shift"
          choices={[
            ...(shifts.some(({ name }) => name === form.values.shift)
              ? []
              : [["", "Choose a shift"] as const]),
            ...shifts.map(({ name, start, end }) => [name, `${name} ${start}–${end}`] as const),
          ]}
        />
      )}
      <div className="pair">
        <TextField form={form} name="first" label="From" type="date" required />
        <TextField form={form} name="last" label="To" type="date" required />
      </div>
      {form.values.first !== form.values.last && (
        <CheckField form={form} name="weekends" label="Saturdays and Sundays too" />
      )}
    </>
  );
}

/** What the plan asks of the line: takt is worked out, so that it cannot say something else than the plan. */
function Needed({ form, shiftsOf }: Pick<WhenProps, "form" | "shiftsOf">) {
  const rows = readRows(form.values.rows);
  const [plant] = placeOf(form.values);
  const shift = shiftsOf(plant).find(({ name }) => name === form.values.shift);
  if (rows === undefined || shift === undefined) return null;
  const units = rows.reduce((sum, one) => sum + one.units, 0);
  const takt = duration(usualWorkMs(shift) / units);
  return (
    <p className="hint" role="status">
      {counted(units, "unit")}: a unit every {takt} of working time. It replaces what the shift has.
    </p>
  );
}

/** Takes a shift's plan away: nothing is held against what is made. */
export function RemovePlan({ row }: { readonly row: ShiftRow }) {
  const { plant, line, day, shift } = row;
  return (
    <Act
      label="Remove"
      title={`Remove the plan of ${line}, ${shift} of ${dayWords(day)}?`}
      needs="setPlans"
      weight="danger"
      verb="Remove the plan"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("setPlans", { body: { rows: [{ plant, line, day, shift, units: 0 }], reason } })
      }
      affects={AFFECTED}
      done={() => `${line} has no plan for ${shift} of ${dayWords(day)}.`}
    >
      {() => <p>What was made stays counted. Only the plan is gone.</p>}
    </Act>
  );
}

interface ListValues {
  file: string;
  read: ReadPlans | null;
  reason: string;
}
const NOTHING: ListValues = { file: "", read: null, reason: "" };

/** Sets the plans of a file, all or none, as an MES gives them. */
export function LoadPlans() {
  return (
    <Act
      label="Load a list"
      title="Plans from a list"
      needs="setPlans"
      size="sm"
      wide
      verb={({ read }) =>
        read?.kind === "rows" ? `Load ${counted(read.rows.length, "row")}` : "Load"
      }
      initial={NOTHING}
      ready={({ read }) => read?.kind === "rows"}
      run={({ read, reason }) =>
        call("setPlans", { body: { rows: read?.kind === "rows" ? [...read.rows] : [], reason } })
      }
      affects={AFFECTED}
      done={({ body }) => `${said(body.changed)} ${body.same} had it already.`}
    >
      {({ values, set }, error) => (
        <>
          <p className="hint">
            A CSV file with a line of heads: <span className="mono">line</span>,{" "}
            <span className="mono">day</span> (2026-11-30), <span className="mono">shift</span>,{" "}
            <span className="mono">units</span>, and where needed{" "}
            <span className="mono">product</span> and <span className="mono">plant</span>. Each
            shift that is named has just these rows afterwards. When one row cannot be taken, none
            is.
          </p>
          <CsvField
            file={values.file}
            read={values.read}
            readText={(text) => readPlanRows(readCsv(text))}
            onRead={(file, read) => {
              set("file", file);
              set("read", read);
            }}
          />
          <RefusedRows error={error} />
        </>
      )}
    </Act>
  );
}
