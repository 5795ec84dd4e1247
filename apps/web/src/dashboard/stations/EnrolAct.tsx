import { called, type StationView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { ChoiceField, NumberField, TextField } from "../act/fields.tsx";
import { Shown } from "../act/Shown.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { EnrolSteps } from "./EnrolSteps.tsx";

/** "Graz\tL3": a line is called by its plant and its name. */
const lineKey = (plant: string, line: string): string => `${plant}\t${line}`;

/** Adds a station and shows how its PC is enrolled; `station`: another PC for one that is there. */
export function EnrolAct({ station }: { readonly station?: StationView }) {
  const lines = useQuery(manage.lines());
  const known = useQuery(queries.stations());
  const [first] = lines.data ?? [];
  // The list may come after the dialog: until somebody chooses, its first line is shown and meant.
  const chosen = (line: string): string | undefined =>
    line !== "" ? line : first && lineKey(first.plant, first.name);
  const isNew = station === undefined;
  return (
    <Act
      label={isNew ? "Add a station" : "Enroll a PC"}
      title={isNew ? "Add a station" : `Enroll a PC as ${station.name}`}
      needs="addStation"
      weight={isNew ? "first" : "plain"}
      size={isNew ? "sm" : "xs"}
      wide
      verb={isNew ? "Add it and show the command" : "Make a token"}
      initial={{
        name: station?.name ?? "",
        line: isNew ? "" : lineKey(station.plant, station.line),
        nests: (station?.nests.length ?? 4) || (4 as number | null),
      }}
      ready={({ name, line, nests }) =>
        isNew && known.data?.some((one) => one.name === name.trim()) === true
          ? `There is a ${called("station", name.trim())} already. Enroll a PC on its own page.`
          : name.trim() !== "" && chosen(line) !== undefined && nests !== null
      }
      run={async ({ name, line, nests }) => {
        const [plant = "", of = ""] = (chosen(line) ?? "").split("\t");
        const { body } = await call("addStation", {
          body: { name: name.trim(), line: of, plant },
        });
        return { ...body, nests: nests ?? 1 };
      }}
      affects={["stations", "lines", "plants"]}
      done={(answer) => (isNew ? `${called("Station", answer.station)} was added.` : null)}
      shows={(answer, close) => (
        <Shown close={close} word="Close">
          <EnrolSteps
            enrolling={{
              ...answer,
              before: station?.lastSeenAt ?? null,
              hadPc: station?.enrolled ?? false,
            }}
          />
        </Shown>
      )}
    >
      {(form) => (
        <>
          {isNew ? (
            <>
              <TextField
                form={form}
                name="name"
                label="Name"
                required
                hint="As it stands on the PC: operators and pages call it so"
                placeholder="L3-07"
              />
              <ChoiceField
                form={form}
                name="line"
                label="Line"
                required
                hint="Plants and lines are added in the settings"
                choices={
                  lines.data === undefined || lines.data.length === 0
                    ? [["", "There is no line yet"]]
                    : lines.data.map(
                        ({ plant, name }) => [lineKey(plant, name), `${plant} · ${name}`] as const,
                      )
                }
              />
            </>
          ) : (
            <p>
              A token is made with which one PC may enroll as {station.name}.{" "}
              {station.enrolled &&
                "Once it has, the PC that is there now is let in no more. Its results must be sent before."}
            </p>
          )}
          <NumberField
            form={form}
            name="nests"
            label="Nests"
            hint="Places for one unit each; the command names them"
            least={1}
            most={64}
          />
        </>
      )}
    </Act>
  );
}
