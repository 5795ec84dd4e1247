import {
  HOST_REPAIRS,
  type HoldEffect,
  type HostRepairEffect,
  type HostView,
} from "@flashline/contract";
import { Button, Modal, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { count, counted } from "../../shared/format.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import { isReason, Reason } from "../parts/Reason.tsx";
import { Answered, ErrorNote } from "../parts/states.tsx";

type Deed = "repair" | "quarantine" | "clear";
const TITLES: Readonly<Record<Deed, string>> = {
  repair: "Record a repair or a swap?",
  quarantine: "Quarantine this host?",
  clear: "Lift the quarantine?",
};
const WORDS: Readonly<Record<Deed, string>> = {
  repair: "Record the repair",
  quarantine: "Quarantine",
  clear: "Lift it",
};

/** What may be done about a host by whom is logged in; always with what it does, and a reason. */
export function HostActions({ host }: { readonly host: HostView }) {
  const { data: session } = useQuery(queries.session());
  const [deed, setDeed] = useState<Deed | null>(null);
  // Who may record a repair may quarantine too: contract, HOLD_ACCESS.
  if (!allowed(session?.role, "repairHost")) return null;
  const close = (): void => setDeed(null);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setDeed("repair")}>
        Record a repair
      </Button>
      {host.hold === undefined ? (
        <Button size="xs" variant="default" onClick={() => setDeed("quarantine")}>
          Quarantine
        </Button>
      ) : (
        <Button size="xs" variant="default" onClick={() => setDeed("clear")}>
          Lift the quarantine
        </Button>
      )}
      <Modal
        opened={deed !== null}
        onClose={close}
        centered
        closeButtonProps={{ "aria-label": "Close this question" }}
        title={deed === null ? "" : TITLES[deed]}
      >
        {deed !== null && <Ask host={host} deed={deed} onDone={close} />}
      </Modal>
    </>
  );
}

interface AskProps {
  readonly host: HostView;
  readonly deed: Deed;
  readonly onDone: () => void;
}

function Ask({ host, deed, onDone }: AskProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [what, setWhat] = useState<string>(HOST_REPAIRS[0]);
  const act = useMutation({
    mutationFn: (): Promise<unknown> => {
      const target = { kind: "host", host: host.id } as const;
      if (deed === "quarantine") return call("setHold", { body: { target, reason } });
      if (deed === "clear") return call("liftHold", { body: { target, reason } });
      const part = HOST_REPAIRS.find((one) => one === what) ?? "other";
      return call("repairHost", { params: { id: host.id }, body: { what: part, reason } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["hosts"] });
      onDone();
    },
  });
  return (
    <div className="ask">
      {deed === "repair" ? <RepairPreview host={host} /> : <HoldPreview host={host} deed={deed} />}
      {deed === "repair" && (
        <NativeSelect
          label="What was repaired or swapped"
          value={what}
          onChange={(event) => setWhat(event.currentTarget.value)}
          data={[...HOST_REPAIRS]}
        />
      )}
      <Reason value={reason} onChange={setReason} />
      {act.error !== null && <ErrorNote error={act.error} />}
      <div className="buttons">
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
        <Button loading={act.isPending} disabled={!isReason(reason)} onClick={() => act.mutate()}>
          {WORDS[deed]}
        </Button>
      </div>
    </div>
  );
}

function RepairPreview({ host }: Pick<AskProps, "host">) {
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

function HoldPreview({ host, deed }: Pick<AskProps, "host" | "deed">) {
  const preview = useQuery(queries.holdPreview(host.id));
  if (deed === "clear") return <p>{host.name} takes units again.</p>;
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
