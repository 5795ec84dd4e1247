import { SCOPES, TokenScope } from "@flashline/contract";
import { Checkbox, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Act } from "../act/Act.tsx";
import { NumberField, TextField } from "../act/fields.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { Copied, Shown } from "../act/Shown.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { given } from "../act/typed.ts";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { KeyTabs } from "./Tabs.tsx";
import { tokenColumns } from "./token-columns.tsx";

/** By what programs come in. */
export function TokensPage() {
  const [state, setState] = useState<"valid" | "all">("valid");
  const tokens = useQuery(manage.tokens(state));
  const zone = usePlantZone();
  return (
    <ManagePage title="API tokens" asOf={tokens.dataUpdatedAt} acts={<AddToken />}>
      <KeyTabs />
      <Answered query={tokens}>
        {(rows) => (
          <TableCard
            title="API tokens"
            rows={rows}
            keyOf={({ id }) => id}
            columns={tokenColumns(zone)}
            acts={
              <SegmentedControl
                size="xs"
                aria-label="Which tokens"
                value={state}
                onChange={(chosen) => setState(chosen === "all" ? "all" : "valid")}
                data={[
                  { value: "valid", label: "Valid" },
                  { value: "all", label: "All" },
                ]}
              />
            }
            empty={["No tokens.", "A program, such as an MES or a CI, comes in with a token."]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

const ALL_SCOPES = Object.values(TokenScope);

function AddToken() {
  return (
    <Act
      label="Make a token"
      title="Make an API token"
      needs="addToken"
      weight="first"
      size="sm"
      verb="Make it"
      initial={{
        name: "",
        scopes: [] as readonly string[],
        days: 365 as number | null,
        reason: "",
      }}
      isReasonOptional
      ready={({ name, scopes }) => name.trim() !== "" && scopes.length > 0}
      run={({ name, scopes, days, reason }) =>
        call("addToken", {
          body: {
            name: name.trim(),
            scopes: ALL_SCOPES.filter((scope) => scopes.includes(scope)),
            days,
            ...(given(reason) === undefined ? {} : { reason: given(reason) }),
          },
        })
      }
      affects={["tokens", "people"]}
      done={({ body }) => `Token ${body.name} was made.`}
      shows={({ body }, close) => (
        <Shown close={close}>
          <p>
            The secret of <b>{body.name}</b> is shown this once. Put it where the program reads it.
          </p>
          <Copied text={body.secret} label="the secret" />
        </Shown>
      )}
    >
      {(form) => (
        <>
          <div className="pair">
            <TextField form={form} name="name" label="Name" required placeholder="mes" />
            <NumberField
              form={form}
              name="days"
              label="Days"
              hint="Empty: until it is revoked"
              least={1}
              most={3650}
            />
          </div>
          <Checkbox.Group
            label="What it may do"
            required
            value={[...form.values.scopes]}
            onChange={(scopes) => form.set("scopes", scopes)}
          >
            <div className="checks">
              {ALL_SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={scope} description={SCOPES[scope]} />
              ))}
            </div>
          </Checkbox.Group>
        </>
      )}
    </Act>
  );
}
