import { EVENTS, type WebhookSecret, type WebhookView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { DataTable } from "../act/DataTable.tsx";
import { ChoiceField, ManyField, NumberField, TextField } from "../act/fields.tsx";
import { Copied, Shown } from "../act/Shown.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered } from "../parts/states.tsx";

const AFFECTED = ["webhooks", "alarms"];

/** All, all of a thing, and each kind by itself. */
const KIND_CHOICES: readonly string[] = [
  "*",
  ...new Set(Object.keys(EVENTS).map((kind) => `${kind.split(".")[0] ?? ""}.*`)),
  ...Object.keys(EVENTS),
];

function Secret({
  answer,
  close,
}: {
  readonly answer: z.infer<typeof WebhookSecret>;
  readonly close: () => void;
}) {
  return (
    <Shown close={close}>
      <p>
        Messages to <b>{answer.webhook.name}</b> are signed with this secret. It is shown this once:
        put it where your endpoint checks them.
      </p>
      <Copied text={answer.secret} label="the secret" />
    </Shown>
  );
}

export function AddWebhook() {
  return (
    <Act
      label="Add a webhook"
      title="Send events to an endpoint"
      needs="addWebhook"
      weight="first"
      size="sm"
      verb="Add it"
      initial={{ name: "", url: "https://", kinds: [] as readonly string[] }}
      ready={({ name, url, kinds }) => name.trim() !== "" && url.trim() !== "" && kinds.length > 0}
      run={({ name, url, kinds }) =>
        call("addWebhook", { body: { name: name.trim(), url: url.trim(), kinds: [...kinds] } })
      }
      affects={AFFECTED}
      done={({ body }) => `Webhook ${body.webhook.name} was added.`}
      shows={({ body }, close) => <Secret answer={body} close={close} />}
    >
      {(form) => (
        <>
          <p className="hint">
            What happens from now on goes there, with names of people and addresses of requests.
          </p>
          <TextField form={form} name="name" label="Name" required placeholder="mes" />
          <TextField form={form} name="url" label="Address" type="url" mono required />
          <ManyField
            form={form}
            name="kinds"
            label="Events"
            required
            hint='One kind, all of a thing ("alarm.*"), or all ("*")'
            choices={KIND_CHOICES}
          />
        </>
      )}
    </Act>
  );
}

interface Props {
  readonly webhook: WebhookView;
}

export function ChangeWebhook({ webhook }: Props) {
  return (
    <Act
      label="Change"
      title={`Change webhook ${webhook.name}`}
      needs="changeWebhook"
      verb="Change it"
      initial={{
        url: webhook.url,
        kinds: webhook.kinds as readonly string[],
        on: webhook.on ? "on" : "off",
        reason: "",
      }}
      ready={({ kinds }) => kinds.length > 0}
      run={({ url, kinds, on, reason }) =>
        call("changeWebhook", {
          params: { id: webhook.id },
          body: { url: url.trim(), kinds: [...kinds], on: on === "on", reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `Webhook ${body.name} is ${body.on ? "on" : "off"}.`}
    >
      {(form) => (
        <>
          <TextField form={form} name="url" label="Address" type="url" mono required />
          <ManyField form={form} name="kinds" label="Events" required choices={KIND_CHOICES} />
          <ChoiceField
            form={form}
            name="on"
            label="Switch"
            choices={[
              ["on", "On: it goes on where it stopped"],
              ["off", "Off: nothing is sent"],
            ]}
          />
        </>
      )}
    </Act>
  );
}

export function TestWebhook({ webhook }: Props) {
  return (
    <Act
      label="Try"
      title={`Call ${webhook.name} once?`}
      needs="testWebhook"
      verb="Call it"
      initial={{}}
      run={() => call("testWebhook", { params: { id: webhook.id } })}
      affects={AFFECTED}
      done={() => null}
      shows={({ body: { ok, status, error, ms } }, close) => (
        <Shown close={close} word="Close">
          <p role="status">
            {ok ? (
              <>
                It answered {status} after {Math.round(ms)} ms.
              </>
            ) : (
              <span className="bad-text">
                It did not take the message: {error ?? `it answered ${status}`}.
              </span>
            )}
          </p>
        </Shown>
      )}
    >
      {() => (
        <p className="wrap">
          A message of the type webhook.test goes to <span className="mono">{webhook.url}</span>.
        </p>
      )}
    </Act>
  );
}

export function RotateSecret({ webhook }: Props) {
  return (
    <Act
      label="New secret"
      title={`Give ${webhook.name} another secret?`}
      needs="rotateWebhookSecret"
      verb="Make a new one"
      initial={{ hours: 24 as number | null }}
      ready={({ hours }) => hours !== null}
      run={({ hours }) =>
        call("rotateWebhookSecret", {
          params: { id: webhook.id },
          body: { overlapHours: hours ?? 24 },
        })
      }
      affects={AFFECTED}
      done={() => null}
      shows={({ body }, close) => <Secret answer={body} close={close} />}
    >
      {(form) => (
        <NumberField
          form={form}
          name="hours"
          label="Hours for which the old one goes on"
          hint="Messages are signed with both so long"
          least={0}
          most={168}
        />
      )}
    </Act>
  );
}

export function RemoveWebhook({ webhook }: Props) {
  return (
    <Act
      label="Remove"
      title={`Remove webhook ${webhook.name}?`}
      needs="removeWebhook"
      weight="danger"
      verb="Remove it"
      keep="Keep it"
      initial={{}}
      run={() => call("removeWebhook", { params: { id: webhook.id } })}
      affects={AFFECTED}
      done={() => `Webhook ${webhook.name} was removed.`}
    >
      {() => (
        <p>
          Nothing is sent any more
          {webhook.deadLetters > 0 &&
            `, and ${counted(webhook.deadLetters, "dead letter")} are gone with it`}
          .
        </p>
      )}
    </Act>
  );
}

/** What the endpoint refused for good: sent once more, or removed. */
export function Letters({ webhook }: Props) {
  return (
    <Act
      label={`Dead letters (${webhook.deadLetters})`}
      title={`Messages that ${webhook.name} did not take`}
      needs="replayWebhook"
      wide
      verb={({ what }) => (what === "replay" ? "Send them once more" : "Remove them")}
      initial={{ what: "replay" as string }}
      run={({ what }) =>
        call("replayWebhook", {
          params: { id: webhook.id },
          body: { discard: what === "discard" },
        })
      }
      affects={AFFECTED}
      done={({ body }, { what }) =>
        `${counted(body.letters, "message")} ${what === "discard" ? "removed" : "on the way once more"}.`
      }
    >
      {(form) => (
        <>
          <LetterTable webhook={webhook} />
          <ChoiceField
            form={form}
            name="what"
            label="All of them"
            choices={[
              ["replay", "Send once more, before what comes next"],
              ["discard", "Remove without sending"],
            ]}
          />
        </>
      )}
    </Act>
  );
}

function LetterTable({ webhook }: Props) {
  const letters = useQuery(manage.deadLetters(webhook.id));
  return (
    <Answered query={letters} lines={2}>
      {(rows) => (
        <DataTable
          name={`Dead letters of ${webhook.name}`}
          rows={rows}
          keyOf={({ position }) => String(position)}
          columns={[
            { name: "Position", csv: ({ position }) => position, cell: ({ position }) => position },
            { name: "Event", csv: ({ kind }) => kind, cell: ({ kind }) => kind },
            {
              name: "Answer",
              csv: ({ error }) => error,
              cell: ({ error }) => error,
              className: "wrap",
            },
            {
              name: "Now",
              csv: ({ replaying }) => (replaying ? "on its way" : "given up"),
              cell: ({ replaying }) => (replaying ? "on its way" : "given up"),
            },
            { name: "Died", csv: ({ diedAt }) => diedAt },
          ]}
        />
      )}
    </Answered>
  );
}
