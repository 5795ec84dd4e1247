import type { EndpointName, PushView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "../../../shared/icons.tsx";
import { Act } from "../../act/Act.tsx";
import { call } from "../../api/client.ts";
import { manage } from "../../api/manage.ts";
import { usePlantZone } from "../../parts/PageHead.tsx";
import { fullTime } from "../../parts/time.ts";
import { sayPush } from "./say.ts";

type Verb = Extract<EndpointName, "pausePush" | "resumePush" | "endPush">;

/** The latest push, while it is not over. */
export function PushNote() {
  const pushes = useQuery(manage.pushes());
  const zone = usePlantZone();
  const push = pushes.data?.find(({ state }) => state !== "done" && state !== "ended");
  if (push === undefined) return null;
  return (
    <div className={`note ${push.state === "stopped" ? "bad" : "plain"}`}>
      <Icon name={push.state === "running" ? "clock" : "warning"} />
      <span>
        <b>{sayPush(push)}</b> Pushed by {push.pushedBy}, {fullTime(push.pushedAt, zone)}:{" "}
        {push.reason}
      </span>
      <span className="row-acts">
        {push.state === "running" && <PushState push={push} verb="pausePush" />}
        {push.state !== "running" && <PushState push={push} verb="resumePush" />}
        <PushState push={push} verb="endPush" />
      </span>
    </div>
  );
}

const WORDS = {
  pausePush: {
    label: "Pause",
    says: "No more PCs are told. Those that have not switched yet stay as they are.",
    done: "is paused",
  },
  resumePush: {
    label: "Go on",
    says: "The next PC is told. Those where it failed are left out: push it to them anew.",
    done: "goes on",
  },
  endPush: {
    label: "Call off",
    says: "No more PCs are told. Those that have switched keep what they run.",
    done: "was called off",
  },
} as const satisfies Readonly<Record<Verb, object>>;

function PushState({ push, verb }: { readonly push: PushView; readonly verb: Verb }) {
  const { label, says, done } = WORDS[verb];
  return (
    <Act
      key={verb}
      label={label}
      title={`${label} the push of ${push.version}?`}
      needs={verb}
      verb={label}
      initial={{ reason: "" }}
      run={({ reason }) => call(verb, { params: { id: push.id }, body: { reason } })}
      affects={["agent-updates"]}
      done={() => `The push of ${push.version} ${done}.`}
    >
      {() => <p>{says}</p>}
    </Act>
  );
}
