import { type JobEvent, JobState, nextJobState, OPEN_JOB_STATES } from "@flashline/contract";
import { checkedSql } from "../db/statement.ts";

/** States from which an event leads somewhere, with where it leads. */
export type Moves = Partial<Record<JobState, JobState>>;

/** The contract's table, seen from one event: what SQL needs to say `WHERE state = from`. */
export function movesOf(event: JobEvent): Moves {
  return Object.fromEntries(
    Object.values(JobState).flatMap((from) => {
      const to = nextJobState(from, event);
      return to === undefined ? [] : [[from, to]];
    }),
  );
}

const list = (states: readonly string[]) => states.map((state) => `'${state}'`).join(", ");

/** For `state IN (…)`: the states that the partial unique indexes name. */
export const OPEN_SQL = list(OPEN_JOB_STATES);
/** Jobs that use up quota: passed, on their way, or perhaps passed. */
export const COUNTED_SQL = list([...OPEN_JOB_STATES, JobState.Passed, JobState.Unknown]);
/** SQL: what a hold may be on that stops job `j`, of unit `u` at nest `n` of station `s`; `u` is the unit for the batch. */
export const HOLDABLE = ["s.line_id", "s.id", "n.id", "n.host_id", "u.id", "u.product_id"] as const;
/** The same without a host, for a start, which says itself at which host it is. */
export const HOLDABLE_AT = ["s.line_id", "s.id", "n.id", "u.id", "u.product_id"] as const;
/** SQL, for `SELECT …`: the jobs by which a unit has a place in an order. */
export const placesSql = (unitId: string, orderId: string): string =>
  `FROM job own WHERE own.unit_id = ${unitId}
       AND ${checkedSql(`own.work_order_id = ${orderId} AND own.state IN (${COUNTED_SQL})`)}`;
/** SQL: how many places of the order `wo` are taken, by jobs and by grants, without those of the unit whose id `unitId` says. */
export const usedByOthersSql = (unitId: string): string =>
  `wo.used + wo.reserved - (SELECT count(*)::int ${placesSql(unitId, "wo.id")})`;
