import type { AuditFilter } from "../api/manage.ts";
import { isDay } from "../plan/days.ts";
import { daysBetween } from "../selection/zone.ts";

/** What the ledger is asked by an address: its days are whole days of the plant's calendar. What is no day is left out. */
export function queryOf({ from, to, ...rest }: AuditFilter, zone: string): AuditFilter {
  const first = from !== undefined && isDay(from) ? daysBetween(from, from, zone).from : undefined;
  const end = to !== undefined && isDay(to) ? daysBetween(to, to, zone).to : undefined;
  return {
    ...rest,
    ...(rest.who !== undefined && rest.whoKind === undefined ? { whoKind: "person" as const } : {}),
    ...(first === undefined ? {} : { from: first }),
    ...(end === undefined ? {} : { to: end }),
  };
}
