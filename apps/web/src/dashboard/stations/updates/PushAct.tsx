import { describePlan, type PlannedStation, type StationVersion } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../../act/Act.tsx";
import { CheckField, ChoiceField, ManyField } from "../../act/fields.tsx";
import type { FormState } from "../../act/form.ts";
import { call } from "../../api/client.ts";
import { manage, type PushIdea } from "../../api/manage.ts";
import { Answered } from "../../parts/states.tsx";
import { sayGoingBack, sayPlace } from "./say.ts";

interface Values {
  readonly version: string;
  readonly plant: string;
  readonly lines: readonly string[];
  readonly stations: readonly string[];
  readonly older: boolean;
  readonly reason: string;
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Brings a published update to lines or single stations; who gets it when stands in the dialog before. */
export function PushAct({ stations }: { readonly stations: readonly StationVersion[] }) {
  const updates = useQuery(manage.agentUpdates());
  const versions = distinct(
    (updates.data ?? [])
      .filter(({ withdrawnAt }) => withdrawnAt === null)
      .map(({ version }) => version),
  );
  const [newest] = versions;
  if (newest === undefined) return null;
  const plants = distinct(stations.map(({ plant }) => plant));
  const chosen = (values: Values): string => values.version || newest;
  const bodyOf = (values: Values) => ({
    version: chosen(values),
    ...(values.plant === "" ? {} : { plant: values.plant }),
    ...(values.older ? { downgrade: chosen(values) } : {}),
  });
  const inPlant = ({ plant }: Values) =>
    stations.filter((station) => plant === "" || station.plant === plant);
  return (
    <Act<Values, unknown>
      label="Update agents"
      title="Update agents"
      needs="pushUpdate"
      wide
      verb={(values) => `Push ${chosen(values)}`}
      initial={{
        version: "",
        lines: [],
        stations: [],
        older: false,
        reason: "",
        plant: plants.length === 1 ? (plants[0] ?? "") : "",
      }}
      ready={({ lines, stations: named }) => lines.length + named.length > 0}
      run={(values) =>
        call("pushUpdate", {
          body: {
            ...bodyOf(values),
            lines: [...values.lines],
            stations: [...values.stations],
            reason: values.reason,
          },
        })
      }
      affects={["agent-updates"]}
      done={(_, values) => `${chosen(values)} is pushed: one PC first, then line by line.`}
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="version"
            label="Version"
            choices={versions.map((version) => [version, version] as const)}
          />
          {plants.length > 1 && (
            <ChoiceField
              form={form}
              name="plant"
              label="Plant"
              choices={[["", "All plants"], ...plants.map((plant) => [plant, plant] as const)]}
            />
          )}
          <div className="pair">
            <ManyField
              form={form}
              name="lines"
              label="Lines"
              choices={distinct(inPlant(form.values).map(({ line }) => line))}
            />
            <ManyField
              form={form}
              name="stations"
              label="Single stations"
              choices={inPlant(form.values).map(({ station }) => station)}
            />
          </div>
          <CheckField
            form={form}
            name="older"
            label={`Go back to ${chosen(form.values)} where a newer version runs`}
          />
          {form.values.older && (
            <p className="soft">
              {sayGoingBack(
                (updates.data ?? []).filter(
                  ({ version, withdrawnAt }) =>
                    withdrawnAt === null && version === chosen(form.values),
                ),
              )}
            </p>
          )}
          <Plan form={form} query={bodyOf(form.values)} />
        </>
      )}
    </Act>
  );
}

/** Who gets none comes last. */
const byTurn = (a: PlannedStation, b: PlannedStation): number =>
  (a.wave ?? Number.POSITIVE_INFINITY) - (b.wave ?? Number.POSITIVE_INFINITY) || 0;

/** What it would do now. */
function Plan({ form, query }: { readonly form: FormState<Values>; readonly query: PushIdea }) {
  const { lines, stations } = form.values;
  const isNamed = lines.length + stations.length > 0;
  const plan = useQuery({
    ...manage.pushPlan({ ...query, lines: lines.join(), stations: stations.join() }),
    enabled: isNamed,
  });
  if (!isNamed) return <p className="soft">Name a line or a station to see what it does.</p>;
  return (
    <Answered query={plan} lines={3}>
      {(data) => (
        <>
          <p>
            <b>{describePlan(data)}</b> One PC goes first. When it is healthy the others of its line
            follow, then line by line; where one fails, the push stops.
          </p>
          <ul className="effects">
            {data.stations.toSorted(byTurn).map((place) => (
              <li key={place.station}>
                <b>{place.station}</b> <span className="soft">{place.version ?? ""}</span>{" "}
                {sayPlace(place)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Answered>
  );
}
