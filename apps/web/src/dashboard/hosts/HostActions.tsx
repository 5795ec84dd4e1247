import { HOST_REPAIRS, type HostRepairEffect, type HostView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count } from "../../shared/format.ts";
import { Act } from "../act/Act.tsx";
import { ChoiceField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { Answered } from "../parts/states.tsx";
import { HoldAct } from "../stations/HoldAct.tsx";

const AFFECTED = ["hosts", "holds", "alarms"];

interface Props {
  readonly host: HostView;
}

/** What may be done about a host by whom is logged in; always with what it does, and a reason. */
export function HostActions({ host }: Props) {
  return (
    <>
      <RecordRepair host={host} />
      <HoldAct
        target={{ kind: "host", host: host.id }}
        name={host.name}
        isOn={host.hold !== undefined}
      />
    </>
  );
}

function RecordRepair({ host }: Props) {
  return (
    <Act
      label="Record a repair"
      title={`Record a repair or a swap at ${host.name}`}
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
