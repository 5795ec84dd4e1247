import type { KeyRadius, KeyView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, LinesField, TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { isDay } from "../plan/days.ts";
import { daysBetween } from "../selection/zone.ts";

const AFFECTED = ["keys", "releases", "release", "work-orders", "channels", "stations"];

export function AddKey() {
  return (
    <Act
      label="Trust a key"
      title="Trust a release key"
      needs="addKey"
      weight="first"
      size="sm"
      verb="Trust it"
      initial={{ name: "", publicKey: "" }}
      ready={({ name, publicKey }) => name.trim() !== "" && publicKey.trim() !== ""}
      run={({ name, publicKey }) =>
        call("addKey", { body: { name: name.trim(), publicKey: publicKey.trim() } })
      }
      affects={AFFECTED}
      done={({ body }) => `Key ${body.keyId} is trusted. Pin it on the agents too.`}
    >
      {(form) => (
        <>
          <p className="hint">
            Compare the key's id with the firmware team's by another way than this server.
          </p>
          <TextField form={form} name="name" label="Name" required placeholder="firmware 2027" />
          <LinesField
            form={form}
            name="publicKey"
            label="Public key"
            required
            hint="What is in the .pub file, or its last line"
          />
        </>
      )}
    </Act>
  );
}

export function RetireReleaseKey({ keyView }: { readonly keyView: KeyView }) {
  const zone = usePlantZone();
  return (
    <Act
      label={keyView.state === "trusted" ? "Retire" : "Change"}
      title={`Retire key ${keyView.name}`}
      needs="retireKey"
      verb={({ how }) => (how === "never" ? "It does not retire" : "Retire it")}
      initial={{ how: "date" as string, date: "", reason: "" }}
      ready={({ how, date }) => how !== "date" || isDay(date)}
      run={({ how, date, reason }) =>
        call("retireKey", {
          params: { keyId: keyView.keyId },
          body: {
            reason,
            ...(how === "never" ? { at: null } : {}),
            ...(how === "date" ? { at: daysBetween(date, date, zone ?? "UTC").from } : {}),
          },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `Key ${body.name} is ${body.state}.`}
    >
      {(form) => (
        <>
          <p>
            From then on it signs no new release. What it released stays good.{" "}
            {keyView.unreleased > 0 &&
              `${counted(keyView.unreleased, "draft or canary", "drafts and canaries")} of it must be promoted by then.`}
          </p>
          <ChoiceField
            form={form}
            name="how"
            label="When"
            choices={[
              ["date", "From a day on"],
              ["now", "Now"],
              ...(keyView.state === "trusted"
                ? []
                : ([["never", "Never: take the date back"]] as const)),
            ]}
          />
          {form.values.how === "date" && (
            <TextField form={form} name="date" label="From" type="date" required />
          )}
        </>
      )}
    </Act>
  );
}

export function RevokeReleaseKey({ keyView }: { readonly keyView: KeyView }) {
  return (
    <Act
      label="Revoke"
      title={`Revoke key ${keyView.name}?`}
      needs="revokeKey"
      weight="danger"
      verb="Revoke the key and its releases"
      keep="Keep it"
      wide
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("revokeKey", { params: { keyId: keyView.keyId }, body: { reason } })
      }
      affects={AFFECTED}
      done={({ body }) =>
        `Key ${body.key.name} is revoked, and ${counted(body.releases.length, "release")} with it.`
      }
    >
      {() => (
        <>
          <p>
            For a key in wrong hands. Every release with its signature is revoked at once, and this
            cannot be taken back. A key that only gets old is retired.
          </p>
          <Radius keyId={keyView.keyId} />
        </>
      )}
    </Act>
  );
}

function Radius({ keyId }: { readonly keyId: string }) {
  const radius = useQuery(manage.keyRadius(keyId));
  return (
    <Answered query={radius} lines={3}>
      {(data) => (
        <ul className="effects">
          {sayKeyRadius(data).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Answered>
  );
}

/** What the revocation of a key would hit, one fact a line. */
function sayKeyRadius({ others, releases, drafts }: KeyRadius): readonly string[] {
  return [
    releases.length === 0
      ? "No release that may be flashed carries its signature."
      : `${counted(releases.length, "release")} may not be flashed any more:`,
    ...releases.map(({ product, version, passed, inWork, orders, channels }) => {
      const stop =
        orders.length === 0
          ? "no open order names it"
          : `${orders.map(({ number, left }) => `${number} (${counted(left, "unit")} to go)`).join(", ")} stands still`;
      const leaves = channels.length === 0 ? "" : `; it leaves ${channels.join(", ")}`;
      const work = inWork === 0 ? "" : `; ${counted(inWork, "unit")} in work`;
      return `${product} ${version}: ${counted(passed, "unit")} have it, ${stop}${leaves}${work}.`;
    }),
    ...(drafts.length === 0
      ? []
      : [
          `Its drafts can never be released: ${drafts.map(({ product, version }) => `${product} ${version}`).join(", ")}.`,
        ]),
    others === 0
      ? "No other key signs new releases: trust another one first."
      : `${counted(others, "other key")} still sign${others === 1 ? "s" : ""} new releases.`,
    "Take the key off the agents too: they verify by what they have pinned.",
  ];
}
