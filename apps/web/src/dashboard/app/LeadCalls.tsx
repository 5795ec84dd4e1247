import type { AlarmView } from "@flashline/contract";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Elapsed } from "../../shared/Elapsed.tsx";
import { Icon } from "../../shared/icons.tsx";
import { call, failureOf } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";

/** Stations that call the lead, above every page: somebody stands there and waits. */
export function LeadCalls({ role }: { readonly role: string }) {
  const { data } = useQuery(queries.leadCalls());
  if (data === undefined || data.length === 0) return null;
  return (
    <ul className="lead-calls" aria-label="Calls for the lead">
      {data.map((alarm) => (
        <Call key={alarm.id} alarm={alarm} mayTake={allowed(role, "takeAlarm")} />
      ))}
    </ul>
  );
}

function Call({ alarm, mayTake }: { readonly alarm: AlarmView; readonly mayTake: boolean }) {
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: () => call("takeAlarm", { params: { id: alarm.id }, body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ["alarms"] }),
  });
  const { takenBy, overdueAt, parameters } = alarm;
  const late = takenBy === null && overdueAt !== null;
  return (
    <li className={late ? "late" : ""} role={takenBy === null ? "alert" : undefined}>
      <Icon name={late ? "warning" : "clock"} size={20} />
      <span className="what">
        <b>{alarm.message}</b>
        {parameters["note"] !== undefined && <span>{String(parameters["note"])}</span>}
        {take.error !== null && <span className="refused">{failureOf(take.error).message}</span>}
      </span>
      <span className="since">
        <Elapsed since={alarm.raisedAt} />
        {late && <b>nobody has gone</b>}
      </span>
      {takenBy !== null && <span className="who">{takenBy} goes</span>}
      {takenBy === null && mayTake && (
        <Button onClick={() => take.mutate()} loading={take.isPending}>
          I go
        </Button>
      )}
    </li>
  );
}
