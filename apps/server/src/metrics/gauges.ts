import { Gauge, Registry } from "prom-client";
import type { Reading } from "./plant.repository.ts";

/** What PostgreSQL says of all replicas together: each of them shows the same, so dashboards take the largest, not the sum. */
const GAUGES: Readonly<Record<string, { readonly label: string; readonly help: string }>> = {
  jobs_open: { label: "state", help: "Jobs that have not ended." },
  outbox_entries: { label: "queue", help: "Announcements that wait for their queue." },
  outbox_oldest_seconds: { label: "queue", help: "Age of the oldest announcement that waits." },
  stations: { label: "state", help: "Stations that are connected, silent or not enrolled." },
  hosts: { label: "verdict", help: "Hosts by verdict, virtual ones left out." },
  work_orders: { label: "state", help: "Work orders that are open." },
  work_order_units_left: { label: "order", help: "Units that an open work order may still start." },
  alarms_open: { label: "rule", help: "Alarms that are open." },
  alarms_untaken: { label: "rule", help: "Open alarms that nobody has taken." },
  verdict_lag_events: { label: "of", help: "Events of the ledger that the verdict has not read." },
  webhook_lag_events: { label: "webhook", help: "Events of the ledger that a webhook is behind." },
  webhook_failing_seconds: {
    label: "webhook",
    help: "For how long a webhook's endpoint has taken nothing.",
  },
  webhook_dead_letters: {
    label: "webhook",
    help: "Messages that a webhook's endpoint refused for good.",
  },
  mails_waiting: { label: "what", help: "Mails about alarms that are not sent yet." },
  numbers_left: { label: "range", help: "Numbers that a product's range still has." },
};

/** A scraper that asks more often gets the readings of before, milliseconds: several may ask, each replica asks the database. */
const FRESH_MS = 5_000;

/** `refresh` brings the gauges up to date; it rejects when the database does not answer. */
export function plantGauges(read: () => Promise<readonly Reading[]>) {
  const registry = new Registry();
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, { label, help }]) => {
      const labelNames = [label];
      const gauge = new Gauge({
        name: `flashline_${name}`,
        help,
        labelNames,
        registers: [registry],
      });
      return [name, { label, gauge }];
    }),
  );
  let readAt = Number.NEGATIVE_INFINITY;
  const refresh = async (): Promise<void> => {
    if (performance.now() - readAt < FRESH_MS) return;
    const readings = await read();
    readAt = performance.now();
    for (const { gauge } of gauges.values()) gauge.reset();
    for (const { name, label, value } of readings) {
      const known = gauges.get(name);
      known?.gauge.set({ [known.label]: label }, value);
    }
  };
  return { registry, refresh };
}
