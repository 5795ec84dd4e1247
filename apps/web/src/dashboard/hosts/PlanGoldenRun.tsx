import {
  called,
  type HostGolden,
  type HostView,
  MOST_GOLDEN_RUNS,
  TRIAL_PROFILES,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, NumberField, TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { golden, type RunIdea } from "../api/golden.ts";
import { Answered } from "../parts/states.tsx";

/** 0 of 60 failures: below 5 %, with 95 % confidence. */
const USUAL = 60;
const RELEASES = "release";

interface Props {
  readonly host: HostView;
  readonly nests: HostGolden["nests"];
  readonly units: readonly string[];
}

/** Plans a check that is repeated at one nest of the host. */
export function PlanGoldenRun({ host, nests, units }: Props) {
  const [first] = nests;
  if (first === undefined || units.length === 0) return null;
  const placed = (word: string) =>
    nests.find(({ station, nest }) => `${station}/${nest}` === word) ?? first;
  return (
    <Act
      label="Plan a golden run"
      title={`Plan a golden run at ${host.name}`}
      needs="planGoldenRun"
      verb={({ times }) => `Plan ${times ?? 0} checks`}
      initial={{
        at: `${first.station}/${first.nest}`,
        serial: units[0] ?? "",
        setting: "",
        profile: RELEASES as string,
        times: USUAL as number | null,
        reason: "",
      }}
      ready={({ times }) => times !== null && times > 0}
      run={({ at, serial, setting, profile, times, reason }) => {
        const chosen = TRIAL_PROFILES.find((one) => one === profile);
        return call("planGoldenRun", {
          body: {
            ...placed(at),
            serial,
            times: times ?? USUAL,
            reason,
            ...(setting.trim() === "" ? {} : { setting: setting.trim() }),
            ...(chosen === undefined ? {} : { profile: chosen }),
          },
        });
      }}
      affects={["hosts", "golden"]}
      done={({ body }) =>
        `Plug ${body.serial} into ${called("nest", body.nest)} of ${body.station}, scan it and press START.`
      }
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="at"
            label="Nest"
            choices={nests.map(({ station, nest }) => [
              `${station}/${nest}`,
              `${station}, ${called("nest", nest)}`,
            ])}
          />
          <ChoiceField
            form={form}
            name="serial"
            label="Golden unit"
            choices={units.map((serial) => [serial, serial])}
          />
          <NumberField form={form} name="times" label="Checks" least={1} most={MOST_GOLDEN_RUNS} />
          <ChoiceField
            form={form}
            name="profile"
            label="Profile"
            choices={[
              [RELEASES, "as the release says"],
              ...TRIAL_PROFILES.map((one) => [one, one] as const),
            ]}
          />
          <TextField
            form={form}
            name="setting"
            label="What is different from before"
            placeholder="behind a hub"
            maxLength={200}
          />
          <Preview
            idea={{
              ...placed(form.values.at),
              serial: form.values.serial,
              times: form.values.times ?? 0,
            }}
          />
        </>
      )}
    </Act>
  );
}

const SECONDS = 60;

function Preview({ idea }: { readonly idea: RunIdea }) {
  const preview = useQuery({ ...golden.runPreview(idea), enabled: idea.times > 0 });
  if (idea.times <= 0) return null;
  return (
    <Answered query={preview}>
      {({ worn, wornAfter, cycles, possible, times, seconds, waits, station, nest }) => (
        <>
          <p>
            {`A sector has ${count(worn)} of ${count(cycles)} erase cycles, and ${count(wornAfter)} afterwards. `}
            {seconds === null
              ? "How long it takes is not known yet."
              : `It takes about ${counted(Math.max(1, Math.round(seconds / SECONDS)), "minute")}.`}
          </p>
          <p>
            {`${called("Nest", nest)} of ${station} takes no other unit meanwhile. Where a check fails, the nest is taken out of use at the end.`}
          </p>
          {possible < times && (
            <p className="bad-text">{`The unit's cycles allow ${count(possible)} checks only.`}</p>
          )}
          {waits !== null && (
            <p className="bad-text">A golden run waits at this nest already. Stop it first.</p>
          )}
        </>
      )}
    </Answered>
  );
}
