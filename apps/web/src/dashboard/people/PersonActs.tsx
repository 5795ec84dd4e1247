import { LEAST_PASSWORD, type PersonDetail } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField, TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { PlantField } from "./PlantField.tsx";
import { isRole, ROLE_CHOICES, roleSays } from "./words.ts";

interface Props {
  readonly person: PersonDetail;
}
const AFFECTED = ["people", "tokens", "badges"];

/** What ended with a change, to be told after it. */
const ended = ({ sessions, tokens }: { sessions: number; tokens: number }): string =>
  sessions + tokens === 0
    ? ""
    : ` ${counted(sessions, "session")} and ${counted(tokens, "token")} ended.`;

export function SetRole({ person }: Props) {
  return (
    <Act
      label="Role"
      title={`Give ${person.name} another role`}
      needs="setPersonRole"
      verb="Give it"
      initial={{ role: person.role, reason: "" }}
      ready={({ role }) => isRole(role) && role !== person.role}
      run={({ role, reason }) =>
        call("setPersonRole", {
          params: { id: person.id },
          body: { role: isRole(role) ? role : "operator", reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.name} is ${body.role}.${ended(body.ended)}`}
    >
      {(form) => (
        <>
          <ChoiceField
            form={form}
            name="role"
            label="Role"
            hint={roleSays(form.values.role)}
            choices={ROLE_CHOICES.map(([name]) => [name, name] as const)}
          />
          <p className="hint">
            Their sessions end.{" "}
            {person.role === "admin" && "Tokens that they made as an admin end too."}
          </p>
        </>
      )}
    </Act>
  );
}

export function SetPlant({ person }: Props) {
  const plants = useQuery(queries.plants());
  return (
    <Act
      label="Plant"
      title={`In which plant does ${person.name} work?`}
      needs="setPersonPlant"
      verb="Set it"
      initial={{ plant: person.plant ?? "", reason: "" }}
      run={({ plant, reason }) =>
        call("setPersonPlant", {
          params: { id: person.id },
          body: { plant: plant === "" ? null : plant, reason },
        })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.name} works in ${body.plant ?? "all plants"}.`}
    >
      {(form) => <PlantField form={form} plants={plants.data ?? []} />}
    </Act>
  );
}

export function Rename({ person }: Props) {
  const navigate = useNavigate();
  return (
    <Act
      label="Rename"
      title={`Give ${person.name} another name`}
      needs="renamePerson"
      verb="Rename"
      initial={{ name: person.name, reason: "" }}
      ready={({ name }) => name.trim() !== "" && name.trim() !== person.name}
      run={async ({ name, reason }) => {
        const answer = await call("renamePerson", {
          params: { id: person.id },
          body: { name: name.trim(), reason },
        });
        await navigate({
          to: "/people/$name",
          params: { name: answer.body.name },
          replace: true,
        });
        return answer;
      }}
      affects={AFFECTED}
      done={({ body }) => `${person.name} is called ${body.name} now.`}
    >
      {(form) => (
        <TextField
          form={form}
          name="name"
          label="Name"
          required
          hint="The name before stays theirs, and is given to nobody else"
          maxLength={80}
        />
      )}
    </Act>
  );
}

export function SetPassword({ person }: Props) {
  if (person.role === "operator") return null;
  return (
    <Act
      label="Password"
      title={`Give ${person.name} another password`}
      needs="setPassword"
      verb="Set the password"
      initial={{ password: "", reason: "" }}
      ready={({ password }) => password.length >= LEAST_PASSWORD}
      run={({ password, reason }) =>
        call("setPassword", { params: { id: person.id }, body: { password, reason } })
      }
      affects={AFFECTED}
      done={({ body }) => `${body.name} has another password.${ended(body.ended)}`}
    >
      {(form) => (
        <TextField
          form={form}
          name="password"
          label="New password"
          type="password"
          required
          hint={`At least ${LEAST_PASSWORD} characters; their sessions end. Tell it to them yourself.`}
        />
      )}
    </Act>
  );
}

export function Disable({ person }: Props) {
  if (person.disabledAt !== null) {
    return (
      <Act
        key="enable"
        label="Let in again"
        title={`Let ${person.name} in again?`}
        needs="enablePerson"
        verb="Let them in"
        initial={{ reason: "" }}
        run={({ reason }) => call("enablePerson", { params: { id: person.id }, body: { reason } })}
        affects={AFFECTED}
        done={({ body }) => `${body.name} may log in again. What ended stays ended.`}
      />
    );
  }
  return (
    <Act
      key="disable"
      label="Disable"
      title={`Keep ${person.name} out?`}
      needs="disablePerson"
      weight="danger"
      verb={`Disable ${person.name}`}
      initial={{ reason: "" }}
      run={({ reason }) => call("disablePerson", { params: { id: person.id }, body: { reason } })}
      affects={AFFECTED}
      done={({ body }) => `${body.name} is kept out.${ended(body.ended)}`}
    >
      {() => (
        <ul className="effects">
          <li>No log-in from now on, and stations refuse the badge.</li>
          <li>
            {counted(person.openSessions.length, "open session")} end
            {person.openSessions.length === 1 ? "s" : ""} at once.
          </li>
          <li>
            {person.validTokens.length === 0
              ? "No token is theirs."
              : `The tokens that they made end: ${person.validTokens.map(({ name }) => name).join(", ")}.`}
          </li>
          <li>What they did stays under their name.</li>
        </ul>
      )}
    </Act>
  );
}

export function EndSessions({ person }: Props) {
  if (person.openSessions.length === 0) return null;
  return (
    <Act
      label="End all"
      title={`End all sessions of ${person.name}?`}
      needs="endPersonSessions"
      verb="End them"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("endPersonSessions", { params: { id: person.id }, body: { reason } })
      }
      affects={AFFECTED}
      done={({ body }) => `${counted(body.sessions, "session")} ended.`}
    />
  );
}

export function LinkIdentity({ person }: Props) {
  return (
    <>
      <Act
        label="Link"
        title={`Let ${person.name} log in at the provider`}
        needs="linkPerson"
        verb="Link it"
        initial={{ subject: "", reason: "" }}
        ready={({ subject }) => subject.trim() !== ""}
        run={({ subject, reason }) =>
          call("linkPerson", {
            params: { id: person.id },
            body: { subject: subject.trim(), reason },
          })
        }
        affects={AFFECTED}
        done={({ body }) => `${body.name} may log in at the provider.`}
      >
        {(form) => (
          <TextField
            form={form}
            name="subject"
            label="Subject"
            mono
            required
            hint="The provider's own name of the person (claim sub): in the server's log after a refused log-in"
          />
        )}
      </Act>
      {person.identities.length > 0 && (
        <Act
          label="Unlink"
          title={`Take ${person.name}'s identities away?`}
          needs="unlinkPerson"
          weight="danger"
          verb="Unlink"
          initial={{ reason: "" }}
          run={({ reason }) =>
            call("unlinkPerson", { params: { id: person.id }, body: { reason } })
          }
          affects={AFFECTED}
          done={({ body }) => `${body.name} logs in at no provider.${ended(body.ended)}`}
        >
          {() => <p>Their sessions end. A password stays as it is.</p>}
        </Act>
      )}
    </>
  );
}
