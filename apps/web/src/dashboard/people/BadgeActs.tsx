import type { BadgeKeyView, BadgeView } from "@flashline/contract";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, TextField } from "../act/fields.tsx";
import { useRole } from "../act/rights.ts";
import { call } from "../api/client.ts";

const AFFECTED = ["badges", "people"];

/** A lead gives operators theirs; everybody else's is an admin's matter. */
export function GiveBadge({
  person,
}: {
  readonly person: { readonly id: string; readonly name: string; readonly role: string };
}) {
  const own = useRole();
  if (own !== "admin" && person.role !== "operator") return null;
  return (
    <Act
      label="Give a badge"
      title={`Give ${person.name} a badge`}
      needs="giveBadge"
      verb="Give it"
      initial={{ content: "", reason: "" }}
      ready={({ content }) => content.trim().length >= 4}
      run={({ content, reason }) =>
        call("giveBadge", { params: { id: person.id }, body: { content: content.trim(), reason } })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.person} has a badge. Stations know it within seconds.`}
    >
      {(form) => (
        <>
          <p className="hint">
            A badge that {person.name} has is replaced. What is on it is stored nowhere.
          </p>
          {/* As a password: nobody reads it over the shoulder. */}
          <TextField
            form={form}
            name="content"
            label="Scan the badge"
            type="password"
            required
            hint="With the reader, or type what it reads"
          />
        </>
      )}
    </Act>
  );
}

export function EndBadge({ badge }: { readonly badge: BadgeView }) {
  return (
    <Act
      label="Lost or returned"
      title={`The badge of ${badge.person}`}
      needs="endBadge"
      verb={({ as }) => (as === "lost" ? "Report it as lost" : "It was given back")}
      initial={{ as: "lost" as string, reason: "" }}
      run={({ as, reason }) =>
        call("endBadge", {
          params: { id: badge.id },
          body: { as: as === "returned" ? "returned" : "lost", reason },
        })
      }
      affects={AFFECTED}
      done={() => `The badge of ${badge.person} does not count any more.`}
    >
      {(form) => (
        <ChoiceField
          form={form}
          name="as"
          label="What became of it"
          choices={[
            ["lost", "Lost: who shows it is refused by that word"],
            ["returned", "Given back: another person may get it"],
          ]}
        />
      )}
    </Act>
  );
}

export function RotateKey({ keys }: { readonly keys: readonly BadgeKeyView[] }) {
  const newest = Math.max(1, ...keys.map(({ generation }) => generation));
  return (
    <Act
      label="New key"
      title="Know badges by a new key?"
      needs="rotateBadgeKey"
      verb="Make it"
      initial={{ reason: "" }}
      run={({ reason }) => call("rotateBadgeKey", { body: { from: newest, reason } })}
      affects={AFFECTED}
      done={() => "Badges are given with the new key from now on."}
    >
      {() => (
        <p>
          Each badge moves to it by itself when it is shown to the server. Keep the old key until
          everybody has worked once, then retire it.
        </p>
      )}
    </Act>
  );
}

export function RetireKey({ badgeKey }: { readonly badgeKey: BadgeKeyView }) {
  return (
    <Act
      label="Retire"
      title={`Let key ${badgeKey.generation} count no more?`}
      needs="retireBadgeKey"
      weight="danger"
      verb="Retire it"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("retireBadgeKey", { params: { generation: badgeKey.generation }, body: { reason } })
      }
      affects={AFFECTED}
      done={() => `Key ${badgeKey.generation} counts no more.`}
    >
      {() => (
        <p>
          {badgeKey.badges === 0
            ? "No badge is known by it any more."
            : `${counted(badgeKey.badges, "badge")} that did not move end${badgeKey.badges === 1 ? "s" : ""}: they are given anew.`}
        </p>
      )}
    </Act>
  );
}
