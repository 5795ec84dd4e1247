import {
  describeTrial,
  type HostView,
  type HostPacing as Pacing,
  TRIAL_PROFILES,
  type TrialView,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { ChoiceField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { day } from "../parts/time.ts";

/** With which profile the host starts, and what is tried there with a gentler one. */
export function HostPacing({ host }: { readonly host: HostView }) {
  const pacing = useQuery(queries.hostPacing(host.id));
  return (
    <section className="card" aria-labelledby="pacing">
      <div className="card-head">
        <h2 id="pacing">Pacing</h2>
        {pacing.data !== undefined && (
          <span className="row-acts">
            <SetProfile host={host} profile={pacing.data.profile} />
          </span>
        )}
      </div>
      <Answered query={pacing}>
        {({ profile, trials }) => (
          <>
            <p>{sayProfile(profile, trials)}</p>
            {trials.map((trial) => (
              <Trial key={trial.id} trial={trial} />
            ))}
          </>
        )}
      </Answered>
    </section>
  );
}

/** The first sentence of the card. */
function sayProfile(profile: Pacing["profile"], trials: readonly TrialView[]): string {
  if (profile !== null)
    return `An engineer has set that units start with profile ${profile}. Nothing is tried here meanwhile.`;
  return trials.length === 0
    ? "Units start as their release says. Gentler pacing is tried where a host is in doubt for lost links."
    : "Units start as their release and the trials below say.";
}

function Trial({ trial }: { readonly trial: TrialView }) {
  const zone = usePlantZone();
  const { controllerName, hub, family, begunAt, decidedAt } = trial;
  return (
    <article className="trial">
      <h3>
        {controllerName}
        {hub === "" ? "" : ` behind ${hub}`}, {family}
      </h3>
      <p>{describeTrial(trial)}</p>
      <p className="hint">
        {decidedAt === null
          ? `Begun on ${day(begunAt, zone)}.`
          : `Decided on ${day(decidedAt, zone)}. `}
        {decidedAt !== null && <TryAgain trial={trial} />}
      </p>
    </article>
  );
}

function TryAgain({ trial }: { readonly trial: TrialView }) {
  return (
    <Act
      label="Try again"
      title="Try gentler pacing again?"
      needs="restartPacingTrial"
      verb="Begin anew"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("restartPacingTrial", { params: { id: trial.id }, body: { reason } })
      }
      affects={["hosts"]}
      done={() => "Every second unit is tried with gentle from now on."}
    >
      {() => (
        <p>
          What was shown so far counts no more: every second unit at hosts in doubt of this kind is
          tried with gentle, for at most 120 pairs.
        </p>
      )}
    </Act>
  );
}

const LEFT = "none";
const WORDS = {
  none: "as releases and trials say",
  standard: "standard, and try nothing",
  gentle: "gentle",
} as const;

function SetProfile({
  host,
  profile,
}: {
  readonly host: HostView;
  readonly profile: Pacing["profile"];
}) {
  return (
    <Act
      label="Set the profile"
      title={`With which profile ${host.name} starts`}
      needs="setHostProfile"
      verb="Set it"
      initial={{ profile: (profile ?? LEFT) as string, reason: "" }}
      ready={(values) => values.profile !== (profile ?? LEFT)}
      run={({ profile: word, reason }) => {
        const chosen = TRIAL_PROFILES.find((one) => one === word) ?? null;
        return call("setHostProfile", {
          params: { id: host.id },
          body: { profile: chosen, reason },
        });
      }}
      affects={["hosts"]}
      done={({ body }) => `Units that start at ${body.name} from now on start with it.`}
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="profile"
            label="Units start with"
            choices={Object.entries(WORDS)}
          />
          <ProfilePreview host={host.id} profile={form.values.profile} />
        </>
      )}
    </Act>
  );
}

const asQuery = (word: string) => TRIAL_PROFILES.find((one) => one === word) ?? ("none" as const);

function ProfilePreview({ host, profile }: { readonly host: string; readonly profile: string }) {
  const preview = useQuery(queries.profilePreview(host, asQuery(profile)));
  return (
    <Answered query={preview}>
      {({ name, after, extra }) => (
        <p>
          {after === "gentle"
            ? `Every unit at ${name} starts with gentle. ${extra === null ? "How much longer that takes was not measured with this controller model." : `It took ${extra.toFixed(1)} s longer a unit where it was tried.`}`
            : after === "standard"
              ? `Every unit at ${name} starts with standard at the fastest, and no trial is made there.`
              : `Units at ${name} start as their release says; where the host is in doubt a trial may choose.`}
        </p>
      )}
    </Answered>
  );
}
