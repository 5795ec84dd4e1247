import {
  ALARM_RULES,
  type AlarmRule,
  type AlarmView,
  describeAlarm,
  FlashlineError,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { plantNamed } from "../selection/plant.ts";
import { endAlarm, tellAlarm } from "./raise.ts";

const Row = z.object({
  id: z.string(),
  rule: z.string(),
  scope: z.string(),
  plant: z.string().nullable(),
  subjectKind: z.string(),
  subjectId: z.string(),
  subjectName: z.string(),
  station: z.string().nullable(),
  stationId: z.string().nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  raisedAt: z.date(),
  raisedBy: z.string(),
  takenBy: z.string().nullable(),
  takenAt: z.date().nullable(),
  overdueAt: z.date().nullable(),
  recoveredAt: z.date().nullable(),
  recoveredWhy: z.string().nullable(),
  recoveredBy: z.string().nullable(),
});
/** An alarm as it stands in the database. */
export type AlarmRow = z.infer<typeof Row>;

const SELECT = `
SELECT a.id, a.rule, a.scope, p.name AS plant, a.subject_kind AS "subjectKind", a.subject_id AS "subjectId",
       a.subject_name AS "subjectName", s.name AS station, a.station_id AS "stationId", a.parameters, a.raised_at AS "raisedAt",
       a.raised_by AS "raisedBy", a.taken_by AS "takenBy", a.taken_at AS "takenAt", a.overdue_at AS "overdueAt",
       a.recovered_at AS "recoveredAt", a.recovered_why AS "recoveredWhy", a.recovered_by AS "recoveredBy"
  FROM alarm a LEFT JOIN plant p ON p.id = a.scope LEFT JOIN station s ON s.id = a.station_id`;

const LIST = statements(["limit", "state", "rule", "plant", "after"], Row, (isGiven) => {
  const where = whereSql([
    isGiven("state") && "(a.recovered_at IS NULL) = (:state = 'open')",
    isGiven("rule") && "a.rule = :rule",
    isGiven("plant") && "p.name = :plant",
    isGiven("after") &&
      "(a.raised_at, a.id) < (SELECT b.raised_at, b.id FROM alarm b WHERE b.id = :after::uuid)",
  ]);
  return `${SELECT} ${where} ORDER BY a.raised_at DESC, a.id DESC LIMIT :limit`;
});

const ONE = statement(["id"], Row, `${SELECT} WHERE a.id = :id::uuid`);

const OPEN_CALLS = statement(
  ["stationId"],
  Row,
  `${SELECT} WHERE a.recovered_at IS NULL AND a.rule = 'lead.called' AND a.station_id = :stationId::uuid
 ORDER BY a.raised_at, a.id`,
);

const TAKE = statement(
  ["id", "takenBy", "from"],
  z.object({ id: z.string() }),
  `
UPDATE alarm SET taken_by = :takenBy, taken_at = now()
 WHERE id = :id::uuid AND recovered_at IS NULL AND taken_by IS NOT DISTINCT FROM :from
RETURNING id`,
);

const time = (at: Date | null): string | null => at?.toISOString() ?? null;

export function alarmViewOf(row: AlarmRow): AlarmView {
  const { id, rule, plant, station, parameters, raisedBy, takenBy } = row;
  return {
    id,
    rule,
    plant,
    station,
    parameters,
    raisedBy,
    takenBy,
    subject: { kind: row.subjectKind, id: row.subjectId, name: row.subjectName },
    message: describeAlarm(rule, row.subjectName, parameters),
    raisedAt: row.raisedAt.toISOString(),
    takenAt: time(row.takenAt),
    overdueAt: time(row.overdueAt),
    recoveredAt: time(row.recoveredAt),
    recoveredWhy: row.recoveredWhy,
    recoveredBy: row.recoveredBy,
  };
}

export interface AlarmFilter {
  readonly state: "open" | "over" | "all";
  readonly rule?: AlarmRule | undefined;
  readonly plant?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Rejects with `request.not_found`. */
async function one(sql: Sql, id: string): Promise<AlarmRow> {
  const row = await sql.row(ONE, { id });
  if (row === undefined) throw new FlashlineError("request.not_found");
  return row;
}

const isOver = ({ recoveredAt }: AlarmRow): FlashlineError =>
  new FlashlineError("request.conflict", `The alarm is over since ${recoveredAt?.toISOString()}.`, {
    parameters: { since: recoveredAt?.toISOString() ?? "" },
  });

export type AlarmsRepository = ReturnType<typeof alarmsRepository>;

export function alarmsRepository({ sql, transaction }: Database) {
  return {
    /** Rejects with `request.not_found` where there is no such plant. */
    async list({ state, ...filter }: AlarmFilter): Promise<AlarmView[]> {
      const { rule, plant, after, limit } = filter;
      if (plant !== undefined) await plantNamed(sql, plant);
      const values = { limit, state: state === "all" ? undefined : state, rule, plant, after };
      return (await sql.rows(LIST(values), values)).map(alarmViewOf);
    },
    one: (id: string): Promise<AlarmRow> => one(sql, id),
    /** Calls of a station that are open, the oldest first. */
    openCalls: (stationId: string): Promise<readonly AlarmRow[]> =>
      sql.rows(OPEN_CALLS, { stationId }),
    /** The alarm, now in the hands of `by`. `from`: over from who has it. Rejects with `request.conflict`. */
    take: (id: string, from: string | null, by: Origin): Promise<AlarmRow> =>
      transaction(async (tx) => {
        const takenBy = actorOf(by);
        const before = await one(tx, id);
        if (before.recoveredAt !== null) throw isOver(before);
        if (before.takenBy === takenBy) return before;
        const taken = await tx.row(TAKE, { id, takenBy, from });
        if (taken === undefined) {
          const now = await one(tx, id);
          if (now.recoveredAt !== null) throw isOver(now);
          const holder = now.takenBy ?? "nobody";
          throw new FlashlineError("request.conflict", `${holder} has this alarm now.`, {
            parameters: { by: holder },
          });
        }
        await tellAlarm(tx, "alarm.taken", id, before, by);
        return await one(tx, id);
      }),
    /** Ends a call. One that is over is answered as it is. Rejects with `request.conflict` for every other alarm. */
    end: (id: string, by: Origin, reason?: string, stationId?: string): Promise<AlarmRow> =>
      transaction(async (tx) => {
        const before = await one(tx, id);
        if (stationId !== undefined && before.stationId !== stationId) {
          throw new FlashlineError("request.not_found");
        }
        if (before.rule !== ("lead.called" satisfies AlarmRule)) {
          const rule = ALARM_RULES[before.rule as AlarmRule] as { ends: string } | undefined;
          throw new FlashlineError(
            "request.conflict",
            `Only a call for the lead is ended by hand. This alarm ends so: ${rule?.ends ?? "by itself."}`,
            { parameters: { rule: before.rule } },
          );
        }
        await endAlarm(tx, id, by, reason);
        return await one(tx, id);
      }),
  };
}
