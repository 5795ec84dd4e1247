import { ALARM_RULE_NAMES, type RecipientView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import type { Column } from "../act/DataTable.tsx";
import { ChoiceField, ManyField, TextField } from "../act/fields.tsx";
import { ManagePage } from "../act/ManagePage.tsx";
import { Shown } from "../act/Shown.tsx";
import { TableCard } from "../act/TableCard.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { Answered } from "../parts/states.tsx";
import { when } from "../parts/time.ts";
import { SettingsTabs } from "./SettingsTabs.tsx";

/** Who gets alarms by e-mail. */
export function MailPage() {
  const recipients = useQuery(manage.recipients());
  const zone = usePlantZone();
  const columns: readonly Column<RecipientView>[] = [
    {
      name: "Address",
      csv: ({ address }) => address,
      cell: ({ address }) => <b className="wrap">{address}</b>,
    },
    {
      name: "Alarms",
      csv: ({ rules }) => rules.join(" "),
      cell: ({ rules }) => (rules.includes("*") ? "all" : rules.join(", ")),
      className: "wrap",
    },
    { name: "Of", csv: ({ plant }) => plant, cell: ({ plant }) => plant ?? "all plants" },
    {
      name: "Mails",
      csv: ({ waiting, givenUp, lastError }) =>
        lastError ?? `${waiting} waiting, ${givenUp} given up`,
      cell: ({ waiting, givenUp, lastError, sentAt }) => (
        <>
          {sentAt === null ? (
            <span className="soft">none sent yet</span>
          ) : (
            <span className="soft">last one {when(sentAt, zone)}</span>
          )}
          {waiting > 0 && <span className="warn-text"> {waiting} waiting</span>}
          {givenUp > 0 && <span className="bad-text"> {givenUp} given up</span>}
          {lastError !== null && <p className="bad-text">{lastError}</p>}
        </>
      ),
      className: "wrap",
    },
    {
      name: "Actions",
      cell: (recipient) => (
        <span className="row-acts">
          <TestMail recipient={recipient} />
          <RemoveRecipient recipient={recipient} />
        </span>
      ),
    },
  ];
  return (
    <ManagePage title="E-mail" asOf={recipients.dataUpdatedAt} acts={<AddRecipient />}>
      <SettingsTabs />
      <Answered query={recipients}>
        {(rows) => (
          <TableCard
            title="Who gets alarms"
            name="Recipients of alarms"
            rows={rows}
            keyOf={({ id }) => id}
            columns={columns}
            empty={[
              "Nobody gets alarms by e-mail.",
              "Add an address. The server's configuration names the mail server (FLASHLINE_SMTP_URL).",
            ]}
          />
        )}
      </Answered>
    </ManagePage>
  );
}

function AddRecipient() {
  const plants = useQuery(queries.plants());
  return (
    <Act
      label="Add an address"
      title="Send alarms to an address"
      needs="addRecipient"
      weight="first"
      size="sm"
      verb="Add it"
      initial={{ address: "", rules: [] as readonly string[], plant: "" }}
      ready={({ address }) => address.trim() !== ""}
      run={({ address, rules, plant }) =>
        call("addRecipient", {
          body: {
            address: address.trim(),
            rules:
              rules.length === 0 ? ["*"] : ALARM_RULE_NAMES.filter((one) => rules.includes(one)),
            ...(plant === "" ? {} : { plant }),
          },
        })
      }
      affects={["recipients"]}
      done={({ body }) => `${body.address} gets alarms from now on. Send a trial.`}
    >
      {(form) => (
        <>
          <TextField form={form} name="address" label="Address" type="email" required />
          <ManyField
            form={form}
            name="rules"
            label="Alarms"
            choices={[...ALARM_RULE_NAMES]}
            placeholder="All of them"
          />
          <ChoiceField
            form={form}
            name="plant"
            label="Of which plant"
            choices={[
              ["", "All plants"],
              ...(plants.data ?? []).map(({ name }) => [name, name] as const),
            ]}
          />
        </>
      )}
    </Act>
  );
}

function TestMail({ recipient }: { readonly recipient: RecipientView }) {
  return (
    <Act
      label="Try"
      title={`Send a mail to ${recipient.address}?`}
      needs="testRecipient"
      verb="Send it"
      initial={{}}
      run={() => call("testRecipient", { params: { id: recipient.id } })}
      affects={["recipients"]}
      done={() => null}
      shows={({ body }, close) => (
        <Shown close={close} word="Close">
          <p role="status">
            {body.sent ? (
              <>
                The mail server took it. Look into <b>{recipient.address}</b>.
              </>
            ) : (
              <span className="bad-text">It was not sent: {body.error}</span>
            )}
          </p>
        </Shown>
      )}
    >
      {() => <p>The mail says that it is a trial. The mail server's answer is shown here.</p>}
    </Act>
  );
}

function RemoveRecipient({ recipient }: { readonly recipient: RecipientView }) {
  return (
    <Act
      label="Remove"
      title={`Send no more alarms to ${recipient.address}?`}
      needs="removeRecipient"
      weight="danger"
      verb="Remove it"
      keep="Keep it"
      initial={{}}
      run={() => call("removeRecipient", { params: { id: recipient.id } })}
      affects={["recipients"]}
      done={() => `${recipient.address} gets no more alarms, and is kept nowhere.`}
    >
      {() => (
        <p>
          The address is deleted
          {recipient.waiting > 0 &&
            `, and ${counted(recipient.waiting, "mail")} that waits with it`}
          .
        </p>
      )}
    </Act>
  );
}
