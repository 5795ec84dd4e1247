import { LEAST_PASSWORD } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { TextField } from "../act/fields.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { sessionColumns } from "./session-columns.tsx";
import { roleSays } from "./words.ts";

/** What is everybody's own: the password, and where they are logged in. */
export function AccountPage() {
  const { data: session } = useQuery(queries.session());
  const sessions = useQuery(manage.ownSessions());
  const zone = usePlantZone();
  return (
    <ManagePage
      title="Your account"
      asOf={sessions.dataUpdatedAt}
      acts={<ChangePassword />}
      {...(session === undefined
        ? {}
        : { says: `${session.name}, ${session.role}. ${roleSays(session.role)}` })}
    >
      <Answered query={sessions}>
        {(rows) => (
          <TableCard
            title="Where you are logged in"
            name="Your sessions"
            rows={rows}
            keyOf={({ id }) => id}
            columns={sessionColumns(zone, "endOwnSession")}
            empty={["Nowhere."]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

function ChangePassword() {
  return (
    <Act
      label="Change your password"
      title="Change your password"
      needs="changeOwnPassword"
      verb="Change it"
      initial={{ current: "", password: "", again: "" }}
      ready={({ current, password, again }) =>
        // Said once as much stands there as in the first field: before, somebody still types.
        again !== password && again.length >= password.length && again !== ""
          ? "The new password is not the same in both fields."
          : current !== "" && password.length >= LEAST_PASSWORD && password === again
      }
      run={({ current, password }) => call("changeOwnPassword", { body: { current, password } })}
      affects={["own-sessions"]}
      done={() => "You have another password. Your other sessions ended."}
    >
      {(form) => (
        <>
          <TextField
            form={form}
            name="current"
            label="Password until now"
            type="password"
            autoComplete="current-password"
            required
          />
          <TextField
            form={form}
            name="password"
            label="New password"
            type="password"
            required
            hint={`At least ${LEAST_PASSWORD} characters`}
          />
          <TextField
            form={form}
            name="again"
            label="The new one again"
            type="password"
            required
            error={
              form.values.again !== "" && form.values.again !== form.values.password
                ? "The two are not the same."
                : undefined
            }
          />
        </>
      )}
    </Act>
  );
}
