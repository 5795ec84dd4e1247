import type { AlarmRule } from "@flashline/contract";
import { z } from "zod";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { SERVER_SCOPE } from "./scope.ts";

/** Why an alarm is there. */
export interface Cause {
  readonly rule: AlarmRule;
  /** The plant's id, or {@link SERVER_SCOPE}. */
  readonly scope: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly subjectName: string;
  readonly stationId: string | null;
  /** The facts of the rule's sentence. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Why an alarm is over: the contract's AlarmView says what each means. */
type Why = "gone" | "off" | "ended" | "over";

const Id = z.object({ id: z.string() });
const Ended = z.object({
  rule: z.string(),
  scope: z.string(),
  subjectKind: z.string(),
  subjectId: z.string(),
  subjectName: z.string(),
});
/** What an event tells of an alarm. */
export type Incident = z.infer<typeof Ended>;

/** The event's columns over `a`, rows of `alarm`. */
const TOLD = {
  subjectId: "a.id",
  subjectName: "left(a.rule || ' ' || a.subject_name, 200)",
  plantId: `coalesce(nullif(a.scope, '${SERVER_SCOPE}'::uuid), :plantId::uuid)`,
};
const INCIDENT = `'rule', a.rule, 'subjectKind', a.subject_kind, 'subjectId', a.subject_id, 'subjectName', a.subject_name`;

/** SQL of a CTE: a mail to each recipient whose rules have that of `from`, rows of `alarm`. */
const mailSql = (from: string, what: string) => `
  INSERT INTO alarm_mail (alarm_id, recipient_id, what)
  SELECT a.id, r.id, '${what}' FROM ${from} a JOIN alarm_recipient r
      ON (r.rules && ARRAY['*', a.rule]) AND (r.plant_id IS NULL OR a.scope IN (r.plant_id, '${SERVER_SCOPE}'::uuid))`;

const RAISE = statement(
  ["causes", "raisedBy", ...ORIGIN_PARAMETERS],
  Id,
  `
WITH raised AS (
  INSERT INTO alarm (id, rule, scope, subject_kind, subject_id, subject_name, station_id, parameters, raised_by)
  SELECT c.* , :raisedBy FROM jsonb_to_recordset(:causes::jsonb) AS c(id uuid, rule text, scope uuid, "subjectKind" text,
         "subjectId" text, "subjectName" text, "stationId" uuid, parameters jsonb)
  ON CONFLICT (rule, scope, subject_id) WHERE recovered_at IS NULL DO NOTHING
  RETURNING *),
mailed AS (${mailSql("raised", "raised")}),
told AS (${eventSql("alarm.raised", "raised a", {
    ...TOLD,
    data: `jsonb_build_object(${INCIDENT}, 'parameters', a.parameters)`,
  })})
SELECT id FROM raised`,
);

const RECOVER = statement(
  ["ids", "why", "recoveredBy", "reason", ...ORIGIN_PARAMETERS],
  Id,
  `
WITH ended AS (
  UPDATE alarm a SET recovered_at = now(), recovered_why = :why::text, recovered_by = :recoveredBy
   WHERE a.id = ANY(:ids::uuid[]) AND a.recovered_at IS NULL
  RETURNING a.*),
mailed AS (${mailSql("ended", "recovered")}),
told AS (${eventSql("alarm.recovered", "ended a", {
    ...TOLD,
    reason: ":reason::text",
    data: `jsonb_build_object(${INCIDENT}, 'why', :why::text)`,
  })})
SELECT id FROM ended`,
);

/** The same for one alarm that a person ends: names of people are written by `recordEvent` alone. */
const END = statement(
  ["id", "recoveredBy"],
  Ended,
  `
WITH ended AS (
  UPDATE alarm a SET recovered_at = now(), recovered_why = 'ended', recovered_by = :recoveredBy
   WHERE a.id = :id::uuid AND a.recovered_at IS NULL
  RETURNING a.*),
mailed AS (${mailSql("ended", "recovered")})
SELECT rule, scope, subject_kind AS "subjectKind", subject_id AS "subjectId", subject_name AS "subjectName" FROM ended`,
);

const OVERDUE = statement(
  ["ids", ...ORIGIN_PARAMETERS],
  Id,
  `
WITH late AS (
  UPDATE alarm a SET overdue_at = now()
   WHERE a.id = ANY(:ids::uuid[]) AND a.recovered_at IS NULL AND a.taken_at IS NULL AND a.overdue_at IS NULL
  RETURNING a.*),
mailed AS (${mailSql("late", "overdue")}),
told AS (${eventSql("alarm.overdue", "late a", { ...TOLD, data: `jsonb_build_object(${INCIDENT})` })})
SELECT id FROM late`,
);

/** The ids of alarms that are new. One that is open already is left as it is. `raisedBy` where it is not who did it. */
export async function raiseAlarms(
  sql: Sql,
  causes: readonly Cause[],
  by: Origin,
  raisedBy = actorOf(by),
): Promise<readonly string[]> {
  if (causes.length === 0) return [];
  const rows = causes.map((cause) => ({ id: newId(), ...cause }));
  const values = { causes: jsonText(rows), raisedBy, ...originValues(by) };
  return (await sql.rows(RAISE, values)).map(({ id }) => id);
}

/** Writes an event about one alarm, in the name of whoever did it. */
export async function tellAlarm(
  sql: Sql,
  kind: "alarm.taken" | "alarm.recovered",
  id: string,
  { scope, rule, subjectKind, subjectId, subjectName }: Incident,
  by: Origin,
  reason?: string,
): Promise<void> {
  const incident = { rule, subjectKind, subjectId, subjectName };
  const subject = { id, name: `${rule} ${subjectName}` };
  const plantId = scope === SERVER_SCOPE ? null : scope;
  const common = { by, subject, plantId, reason };
  if (kind === "alarm.taken") await recordEvent(sql, { kind, ...common, data: incident });
  else await recordEvent(sql, { kind, ...common, data: { ...incident, why: "ended" } });
}

/** Ends one alarm because somebody says so. False: it was over. */
export async function endAlarm(
  sql: Sql,
  id: string,
  by: Origin,
  reason?: string,
): Promise<boolean> {
  const incident = await sql.row(END, { id, recoveredBy: actorOf(by) });
  if (incident === undefined) return false;
  await tellAlarm(sql, "alarm.recovered", id, incident, by, reason);
  return true;
}

/** The ids of alarms that were open and are over now. What the server does: `by` is no person. */
export async function recoverAlarms(
  sql: Sql,
  ids: readonly string[],
  why: Why,
  by: Origin,
  reason: string | null = null,
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const values = { ids, why, reason, recoveredBy: actorOf(by), ...originValues(by) };
  return (await sql.rows(RECOVER, values)).map(({ id }) => id);
}

/** Calls that nobody took in time. */
export async function markOverdue(
  sql: Sql,
  ids: readonly string[],
  by: Origin,
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  return (await sql.rows(OVERDUE, { ids, ...originValues(by) })).map(({ id }) => id);
}
