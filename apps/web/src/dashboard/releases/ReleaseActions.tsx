import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Act } from "../act/Act.tsx";
import { CheckField, ManyField } from "../act/fields.tsx";
import { given } from "../act/typed.ts";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";
import { AFFECTED } from "./affected.ts";
import { sayRadius, sayReach } from "./reach.ts";
import { useBeyondReach } from "./WithoutServer.tsx";

interface Props {
  readonly release: ReleaseView;
}

/** What may be done with a release in its state, by whom is logged in; always behind a second question. */
export function ReleaseActions({ release }: Props) {
  return (
    <>
      <Promote release={release} />
      <Revoke release={release} />
    </>
  );
}

function Promote({ release }: Props) {
  const channels = useQuery({
    ...manage.channels(release.product),
    enabled: isPromotable(release),
  });
  if (!isPromotable(release)) return null;
  return (
    <Act
      label="Promote"
      title="Promote this release?"
      needs="promote"
      weight="first"
      verb={`Promote ${release.version}`}
      initial={{ moveOrders: true, channels: [] as readonly string[], reason: "" }}
      isReasonOptional
      ready={({ channels: into, reason }) => into.length === 0 || given(reason) !== undefined}
      run={({ moveOrders, channels: into, reason }) =>
        call("promote", {
          params: { id: release.id },
          query: {
            moveOrders: moveOrders ? "true" : "false",
            ...(into.length === 0 ? {} : { channels: into.join(",") }),
            ...(given(reason) === undefined ? {} : { reason: given(reason) }),
          },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.product} ${body.version} is released.`}
    >
      {(form) => (
        <>
          <p>
            From now on work orders may use{" "}
            <b>
              {release.product} {release.version}
            </b>{" "}
            for {release.chip}
            {release.boardRevisions.length === 0
              ? ", all board revisions"
              : `, board revisions ${release.boardRevisions.join(", ")}`}
            .
          </p>
          <CheckField
            form={form}
            name="moveOrders"
            label="Open orders that name the release before it take it"
          />
          {(channels.data ?? []).length > 0 && (
            <ManyField
              form={form}
              name="channels"
              label="Channels that are moved to it"
              hint="Needs a reason"
              choices={(channels.data ?? []).map(({ name }) => name)}
              placeholder="None"
            />
          )}
          <Reached
            release={release}
            moveOrders={form.values.moveOrders}
            channels={form.values.channels}
          />
        </>
      )}
    </Act>
  );
}

const isPromotable = ({ state, check }: ReleaseView): boolean =>
  check === "passed" && (state === "draft" || state === "canary");

function Reached(props: {
  readonly release: ReleaseView;
  readonly moveOrders: boolean;
  readonly channels: readonly string[];
}) {
  const { release, moveOrders, channels } = props;
  const query = channels.length === 0 ? {} : { channels: channels.join(",") };
  const run = useQuery(manage.dryRun(release.id, query));
  return (
    <Answered query={run} lines={1}>
      {(data) => (
        <>
          <p>{sayReach(data, "names", "channel", ...(moveOrders ? ["follows" as const] : []))}</p>
          {data.refusal !== null && (
            <p className="bad-text">It would be refused: {data.refusal.message}</p>
          )}
        </>
      )}
    </Answered>
  );
}

const REVOCABLE: readonly string[] = ["released", "canary", "paused"];

function Revoke({ release }: Props) {
  if (!REVOCABLE.includes(release.state)) return null;
  return (
    <Act
      label="Revoke"
      title="Revoke this release?"
      needs="revoke"
      weight="danger"
      verb={`Revoke ${release.version}`}
      keep="Keep it"
      initial={{ reason: "" }}
      reasonHint="Kept with the release"
      run={({ reason }) => call("revoke", { params: { id: release.id }, body: { reason } })}
      affects={AFFECTED}
      done={({ body }) => `${body.product} ${body.version} is revoked.`}
    >
      {() => (
        <>
          <p>
            No unit is started with{" "}
            <b>
              {release.product} {release.version}
            </b>{" "}
            any more, and this cannot be taken back.
          </p>
          <Radius id={release.id} />
        </>
      )}
    </Act>
  );
}

/** What it would hit, before anybody does it. */
function Radius({ id }: { readonly id: string }) {
  const radius = useQuery(manage.radius(id));
  const beyond = useBeyondReach({ id });
  return (
    <Answered query={radius} lines={3}>
      {(data) => (
        <ul className="effects">
          {sayRadius(data).map((line) => (
            <li key={line}>{line}</li>
          ))}
          {beyond !== null && (
            <li>A station that has no server now does not hear of it. {beyond}</li>
          )}
        </ul>
      )}
    </Answered>
  );
}

export function Withdraw({ release }: Props) {
  const navigate = useNavigate();
  if (release.state !== "draft") return null;
  return (
    <Act
      label="Withdraw"
      title={`Withdraw the draft ${release.version}?`}
      needs="withdrawRelease"
      weight="danger"
      verb="Withdraw it"
      keep="Keep it"
      initial={{ reason: "" }}
      run={async ({ reason }) => {
        await call("withdrawRelease", { params: { id: release.id }, body: { reason } });
        await navigate({ to: "/releases" });
      }}
      affects={AFFECTED}
      done={() => `The draft ${release.version} is gone; its version and counter are free.`}
    >
      {() => (
        <p>
          No unit has it. Its version and its counter may be used again; the images stay, and the
          ledger keeps what it was.
        </p>
      )}
    </Act>
  );
}
