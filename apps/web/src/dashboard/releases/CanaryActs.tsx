import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, ManyField, NumberField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { Answered } from "../parts/states.tsx";
import { AFFECTED } from "./affected.ts";

interface Props {
  readonly release: ReleaseView;
}
const params = ({ release }: Props) => ({ id: release.id });

export function StartCanary({ release }: Props) {
  const stations = useQuery(queries.stations());
  const releases = useQuery(manage.releasesOf(release.product));
  if (release.state !== "draft" || release.check !== "passed") return null;
  const before = (releases.data ?? []).filter(
    ({ state, counter }) => state === "released" && counter < release.counter,
  );
  return (
    <Act
      label="Start a canary"
      title={`Give ${release.version} to a few units first`}
      needs="startCanary"
      verb={({ units }) => `Start with ${counted(units ?? 0, "unit")}`}
      initial={{
        stations: [] as readonly string[],
        units: 50 as number | null,
        predecessor: "",
        reason: "",
      }}
      ready={({ stations: at, units }) => at.length > 0 && units !== null}
      run={({ stations: at, units, predecessor, reason }) =>
        call("startCanary", {
          params: params({ release }),
          body: {
            stations: [...at],
            units: units ?? 1,
            reason,
            ...(predecessor === "" ? {} : { predecessor }),
          },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.version} is a canary at ${body.canary?.stations.join(", ")}.`}
    >
      {(form) => (
        <>
          <ManyField
            form={form}
            name="stations"
            label="Stations"
            required
            choices={(stations.data ?? []).map(({ name }) => name)}
          />
          <div className="pair">
            <NumberField
              form={form}
              name="units"
              label="Units"
              hint="So many get it; the next ones the predecessor"
              least={1}
              most={100_000}
            />
            <ChoiceField
              form={form}
              name="predecessor"
              label="Judged against"
              choices={[
                ["", "The release before it"],
                ...before.map(({ version }) => [version, version] as const),
              ]}
            />
          </div>
          {form.values.stations.length > 0 && (
            <DryRun
              id={release.id}
              stations={form.values.stations}
              units={form.values.units ?? 1}
              predecessor={form.values.predecessor}
            />
          )}
        </>
      )}
    </Act>
  );
}

function DryRun(props: {
  readonly id: string;
  readonly stations: readonly string[];
  readonly units: number;
  readonly predecessor: string;
}) {
  const { id, stations, units, predecessor } = props;
  const run = useQuery(
    manage.dryRun(id, {
      stations: stations.join(","),
      units,
      ...(predecessor === "" ? {} : { predecessor }),
    }),
  );
  return (
    <Answered query={run} lines={2}>
      {({ canary, refusal }) => (
        <ul className="effects">
          {refusal !== null && <li className="bad-text">It would be refused: {refusal.message}</li>}
          {canary !== null && (
            <li>
              {counted(canary.units, "unit")} of {counted(canary.orders, "order")} at{" "}
              {canary.stations.join(", ") || "no station"} get it.
            </li>
          )}
          {canary !== null && canary.idle.length > 0 && (
            <li>{canary.idle.join(", ")} have no open order with the predecessor.</li>
          )}
          <li>It is paused by itself when it fails more often than its predecessor.</li>
        </ul>
      )}
    </Answered>
  );
}

export function PauseCanary({ release }: Props) {
  if (release.state !== "canary") return null;
  return (
    <Act
      label="Pause"
      title={`Pause the canary ${release.version}?`}
      needs="pauseCanary"
      weight="danger"
      verb="Pause it"
      initial={{ reason: "" }}
      run={({ reason }) => call("pauseCanary", { params: params({ release }), body: { reason } })}
      affects={AFFECTED}
      done={({ body }) => `The next units get ${body.canary?.predecessor} instead.`}
    >
      {() => (
        <p>
          The next units get {release.canary?.predecessor} again. What was ordered and not started
          is refused once and scanned again; units in work come to their end.
        </p>
      )}
    </Act>
  );
}

/** Lets a paused canary go on, or gives one that goes on other stations or more units. */
export function ResumeCanary({ release }: Props) {
  const stations = useQuery(queries.stations());
  const { canary, state } = release;
  if (canary === null || (state !== "paused" && state !== "canary")) return null;
  const isPaused = state === "paused";
  return (
    <Act
      label={isPaused ? "Resume" : "More units"}
      title={isPaused ? "Let the canary go on?" : "Change the canary"}
      needs="resumeCanary"
      verb={isPaused ? "Resume it" : "Change it"}
      initial={{
        stations: canary.stations as readonly string[],
        units: canary.units as number | null,
        reason: "",
      }}
      ready={({ stations: at, units }) => at.length > 0 && units !== null}
      run={({ stations: at, units, reason }) =>
        call("resumeCanary", {
          params: params({ release }),
          body: { stations: [...at], units: units ?? canary.units, reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `The canary goes on with ${counted(body.canary?.units ?? 0, "unit")}.`}
    >
      {(form) => (
        <>
          {isPaused && <p>It is judged anew from now on; its evidence until now does not count.</p>}
          <ManyField
            form={form}
            name="stations"
            label="Stations"
            required
            choices={(stations.data ?? []).map(({ name }) => name)}
          />
          <NumberField
            form={form}
            name="units"
            label="Units"
            hint={`Never below ${canary.used}: so many have it`}
            least={1}
            most={100_000}
          />
        </>
      )}
    </Act>
  );
}
