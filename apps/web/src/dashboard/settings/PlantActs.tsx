import { called, type PlantView } from "@flashline/contract";
import { Act } from "../act/Act.tsx";
import { ChoiceField, LinesField, NumberField, TextField } from "../act/fields.tsx";
import { type FormWith, partOf } from "../act/form.ts";
import { newName } from "../act/new-name.ts";
import { call } from "../api/client.ts";
import { readShifts, shiftsText } from "./shifts.ts";

const ZONES = Intl.supportedValuesOf("timeZone");
const AFFECTED = ["plants", "lines", "stations", "yield"];
const shiftsOf = (text: string) => {
  const read = readShifts(text);
  return read.kind === "shifts" ? read.shifts : [];
};

interface Clock {
  timeZone: string;
  shifts: string;
}

function ClockFields({ form }: { readonly form: FormWith<Clock> }) {
  const own = partOf(form);
  const read = readShifts(own.values.shifts);
  return (
    <>
      <TextField
        form={own}
        name="timeZone"
        label="Time zone"
        required
        hint="Days and shifts are told by it: Europe/Vienna"
        list={ZONES}
      />
      <LinesField
        form={own}
        name="shifts"
        label="Shifts"
        hint="One a line: early 06:00-14:00 breaks 09:00-09:15, 12:00-12:30. None: the plant works around the clock."
        placeholder={"early 06:00-14:00 breaks 09:00-09:15\nlate 14:00-22:00"}
      />
      {read.kind === "unreadable" && (
        <p className="bad-text" role="alert">
          “{read.line}” is no shift. Write it like “early 06:00-14:00 breaks 09:00-09:15”.
        </p>
      )}
    </>
  );
}
const isClock = ({ timeZone, shifts }: Clock): boolean =>
  timeZone.trim() !== "" && readShifts(shifts).kind === "shifts";

export function AddPlant({ plants }: { readonly plants: readonly string[] }) {
  return (
    <Act
      label="Add a plant"
      title="Add a plant"
      needs="addPlant"
      weight="first"
      size="sm"
      verb={({ name }) => (name.trim() === "" ? "Add" : `Add ${name.trim()}`)}
      initial={{
        name: "",
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        shifts: "",
      }}
      ready={(values) => {
        const isNew = newName("plant", values.name, plants);
        return isNew === true ? isClock(values) : isNew;
      }}
      run={({ name, timeZone, shifts }) =>
        call("addPlant", {
          body: { name: name.trim(), timeZone: timeZone.trim(), shifts: shiftsOf(shifts) },
        })
      }
      affects={AFFECTED}
      done={(_, { name }) => `${called("Plant", name.trim())} was added. Add a line to it.`}
    >
      {(form) => (
        <>
          <TextField form={form} name="name" label="Name" required placeholder="Graz" />
          <ClockFields form={form} />
        </>
      )}
    </Act>
  );
}

export function ChangePlant({ plant }: { readonly plant: PlantView }) {
  return (
    <Act
      label="Time and shifts"
      title={`Time and shifts of ${plant.name}`}
      needs="changePlant"
      verb="Change them"
      initial={{ timeZone: plant.timeZone, shifts: shiftsText(plant.shifts), reason: "" }}
      ready={isClock}
      run={({ timeZone, shifts, reason }) =>
        call("changePlant", {
          params: { id: plant.id },
          body: { timeZone: timeZone.trim(), shifts: shiftsOf(shifts), reason },
        })
      }
      affects={AFFECTED}
      done={() => `${plant.name} has another clock. What is past is told by it too.`}
    >
      {(form) => <ClockFields form={form} />}
    </Act>
  );
}

export function AddLine({ plant }: { readonly plant: PlantView }) {
  return (
    <Act
      label="Add a line"
      title={`Add a line to ${plant.name}`}
      needs="addLine"
      verb={({ name }) => (name.trim() === "" ? "Add" : `Add ${name.trim()}`)}
      initial={{ name: "" }}
      ready={({ name }) => newName("line", name, plant.lines)}
      run={({ name }) => call("addLine", { body: { name: name.trim(), plant: plant.name } })}
      affects={AFFECTED}
      done={(_, { name }) => `${called("Line", name.trim())} was added. Add stations to it.`}
    >
      {(form) => <TextField form={form} name="name" label="Name" required placeholder="L3" />}
    </Act>
  );
}

export function SetPlantOperators({ plant }: { readonly plant: PlantView }) {
  const { operators } = plant;
  return (
    <Act
      label="Operators"
      title={`How people work in ${plant.name}`}
      needs="setPlantOperators"
      verb="Set it"
      initial={{
        required: operators.required ? "yes" : "no",
        shiftEnd: operators.shiftEnd ? "yes" : "no",
        badgePrefix: operators.badgePrefix,
        idleMinutes: operators.idleMinutes as number | null,
        reason: "",
      }}
      ready={({ badgePrefix }) => badgePrefix.trim() !== ""}
      run={({ required, shiftEnd, badgePrefix, idleMinutes, reason }) =>
        call("setPlantOperators", {
          params: { id: plant.id },
          body: {
            required: required === "yes",
            shiftEnd: shiftEnd === "yes",
            badgePrefix: badgePrefix.trim(),
            idleMinutes: idleMinutes ?? 0,
            reason,
          },
        })
      }
      affects={["plants", "operators"]}
      done={() => `Stations of ${plant.name} have it within seconds.`}
    >
      {(form) => (
        <>
          <p className="hint">Stations with settings of their own keep them.</p>
          <ChoiceField
            form={form}
            name="required"
            label="Units without a badge"
            choices={[
              ["no", "Started too"],
              ["yes", "Refused: somebody must be logged in"],
            ]}
          />
          <ChoiceField
            form={form}
            name="shiftEnd"
            label="At the shift's end"
            choices={[
              ["yes", "Log out who is logged in"],
              ["no", "People stay logged in"],
            ]}
          />
          <div className="pair">
            <TextField
              form={form}
              name="badgePrefix"
              label="Badges begin with"
              hint="No serial may begin so"
              mono
              required
            />
            <NumberField
              form={form}
              name="idleMinutes"
              label="Minutes of doing nothing"
              hint="Then log out; 0 is never"
              least={0}
              most={1440}
            />
          </div>
        </>
      )}
    </Act>
  );
}
