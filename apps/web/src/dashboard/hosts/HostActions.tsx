import {
  HOST_REPAIRS,
  type HoldEffect,
  type HostRepairEffect,
  type HostView,
} from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField } from "../act/fields.tsx";
import { useMayHold } from "../act/rights.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Answered } from "../parts/states.tsx";

const AFFECTED = ["hosts", "holds", "alarms"];

interface Props {
  readonly host: HostView;
}

/** What may be done about a host by whom is logged in; always with what it does, and a reason. */
export function HostActions({ host }: Props) {
  return (
    <>
      <RecordRepair host={host} />
      <Hold host={host} />
    </>
  );
}

function Hold({ host }: Props) {
  const target = { kind: "host", host: host.id } as const;
  if (!useMayHold("host")) return null;
  return host.hold === undefined ? (
    <Act
      key="quarantine"
      label="Quarantine"
      title="Quarantine this host?"
      needs="setHold"
      verb="Quarantine"
      initial={{ reason: "" }}
      run={({ reason }) => call("setHold", { body: { target, reason } })}
      affects={AFFECTED}
      done={() => `${host.name} takes no more units.`}
    >
      {() => <HoldPreview host={host} />}
    </Act>
  ) : (
    <Act
      key="clear"
      label="Lift the quarantine"
      title="Lift the quarantine?"
      needs="liftHold"
      verb="Lift it"
      initial={{ reason: "" }}
      run={({ reason }) => call("liftHold", { body: { target, reason } })}
      affects={AFFECTED}
      done={() => `${host.name} takes units again.`}
    >
      {() => <p>{host.name} takes units again.</p>}
    </Act>
  );
}

function RecordRepair({ host }: Props) {
  return (
    <Act
      label="Record a repair"
      title="Record a repair or a swap?"
      needs="repairHost"
      verb="Record the repair"
      initial={{ what: HOST_REPAIRS[0] as string, reason: "" }}
      run={({ what, reason }) =>
        call("repairHost", {
          params: { id: host.id },
          body: { what: HOST_REPAIRS.find((one) => one === what) ?? "other", reason },
        })
      }
      affects={AFFECTED}
      done={() => `The evidence about ${host.name} begins anew.`}
    >
      {(form) => (
        <>
          <RepairPreview host={host} />
          <ChoiceField
            form={form}
            name="what"
            label="What was repaired or swapped"
            choices={HOST_REPAIRS.map((what) => [what, what] as const)}
          />
        </>
      )}
    </Act>
  );
}

function RepairPreview({ host }: Props) {
  const preview = useQuery(queries.repairPreview(host.id));
  return <Answered query={preview}>{(effect) => <p>{sayRepair(effect)}</p>}</Answered>;
}

function sayRepair({ name, rung, after, healed, quarantined }: HostRepairEffect): string {
  const stays =
    rung === null || rung === "OK"
      ? ""
      : ` It stays ${rung} until units confirm the repair: from D ${healed} on it is OK.`;
  const held = quarantined ? " The quarantine stays until it is lifted." : "";
  return `The evidence about ${name} begins anew, with R ${count(after.r)}.${stays}${held}`;
}

function HoldPreview({ host }: Props) {
  const preview = useQuery(queries.holdPreview(host.id));
  return <Answered query={preview}>{(effect) => <p>{sayHold(effect)}</p>}</Answered>;
}

function sayHold({ name, nests, finishing, remaining, calledOff }: HoldEffect): string {
  const after =
    finishing.length === 0 ? "at once" : `after ${counted(finishing.length, "unit")} in work`;
  const stops = nests.length === 0 ? `${name} has no nest in use.` : `${name} stops ${after}.`;
  const off =
    calledOff.length === 0
      ? ""
      : ` ${counted(calledOff.length, "job")} that waits there is called off.`;
  const others =
    remaining.length === 0
      ? " No other station works on its orders."
      : ` ${counted(remaining.length, "station")} ${remaining.length === 1 ? "goes" : "go"} on with its orders.`;
  return `${stops}${off}${others}`;
}
