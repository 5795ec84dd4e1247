import type { HostsView, HostView } from "@flashline/contract";
import type { ChartTable } from "../parts/chart/csv.ts";

const SEVERITY: readonly HostView["verdict"][] = [
  "QUARANTINED",
  "SUSPECT",
  "WATCH",
  "OK",
  "NOT_ENOUGH_DATA",
];

/** Worst first; within a verdict by how sure it is, then by how much is known. */
export function worstFirst(hosts: readonly HostView[]): readonly HostView[] {
  return [...hosts].sort(
    (a, b) =>
      SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict) ||
      (b.r ?? 0) - (a.r ?? 0) ||
      b.units - a.units,
  );
}

/** The host that the page speaks about first: the worst that is not simply fine. */
export function leadOf(hosts: readonly HostView[]): HostView | undefined {
  const worst = worstFirst(hosts)[0];
  return worst === undefined || ["OK", "NOT_ENOUGH_DATA"].includes(worst.verdict)
    ? undefined
    : worst;
}

export function sayHosts(hosts: readonly HostView[]): string {
  const enough = hosts.filter((host) => host.verdict !== "NOT_ENOUGH_DATA").length;
  const few = hosts.length - enough;
  const waiting =
    few === 0 ? "" : ` ${few === 1 ? "1 host has" : `${few} hosts have`} too few units to say.`;
  if (enough === 0) return `No host can be judged yet.${waiting}`;
  return `${enough === 1 ? "The host that can be judged loses" : `All ${enough} hosts that can be judged lose`} the link no more often than the others with the same releases and batches.${waiting}`;
}

export const PROFILES = ["fast", "standard", "gentle", "crawl"] as const;

type Cell = HostsView["byController"][number];
export interface MatrixRow {
  readonly key: string;
  readonly controller: string;
  readonly controllerName: string;
  readonly behindHub: boolean;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Rows controller × hub with a cell for each profile, so that one sees at a glance what helps. */
export function matrixOf(cells: HostsView["byController"]): readonly MatrixRow[] {
  const rows = new Map<string, MatrixRow>();
  for (const cell of cells) {
    const key = `${cell.controller} ${cell.behindHub}`;
    const row = rows.get(key) ?? {
      key,
      controller: cell.controller,
      controllerName: cell.controllerName,
      behindHub: cell.behindHub,
      cells: {},
    };
    rows.set(key, { ...row, cells: { ...row.cells, [cell.profile]: cell } });
  }
  return [...rows.values()].sort(
    (a, b) => a.controller.localeCompare(b.controller) || Number(a.behindHub) - Number(b.behindHub),
  );
}

/** All hosts with their figures, for a table or a file. */
export const hostsAsTable = (hosts: readonly HostView[]): ChartTable => ({
  columns: [
    ...["host", "verdict", "controller", "hubs", "units", "with link incident", "share"],
    ...["low", "high", "expected", "R", "p95 ms"],
  ],
  rows: worstFirst(hosts).map((host) => [
    ...[host.name, host.verdict, host.controller, host.hubs.join(" "), host.units],
    ...[host.linkIncidents.count, host.linkIncidents.share, host.linkIncidents.low],
    ...[host.linkIncidents.high, host.expected, host.r === null ? null : Math.round(host.r)],
    host.p95Ms,
  ]),
});

/** Link incidents by controller, hub and profile, for a table or a file. */
export const pacingAsTable = (cells: HostsView["byController"]): ChartTable => ({
  columns: ["controller", "behind a hub", "profile", "with link incident", "units", "share"],
  rows: cells.map(({ controller, behindHub, profile, linkIncidents: { count, n, share } }) => [
    ...[controller, behindHub ? "yes" : "no", profile, count, n, share],
  ]),
});
