import { ALARM_RULES, type AlarmRule } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { ofServer } from "../ledger/origin.ts";
import type { Found, Source } from "./causes/source.ts";
import { markOverdue, raiseAlarms, recoverAlarms } from "./raise.ts";
import { readRules, type SetRule } from "./rules.repository.ts";

/** Any number that nothing else locks. */
const EVALUATE_LOCK = 4_706_423;
/** So long after the latest event everything is looked at again: a transaction may be committed as late. Milliseconds. */
const AFTER_EVENT_MS = 60_000;
/** Without any event what time alone changes is looked at this often, and everything else this often. Milliseconds. */
const IDLE_MS = 10_000;
const SLOW_MS = 300_000;
/** A cause that is gone so long is gone for good; one that comes back before is the same incident. Seconds. */
const SETTLE_S = 15;

const BY = ofServer("alarms");

/**
 * Every event takes a number of this sequence when it is written, also before its commit: that it stands where it stood says that
 * nothing happened.
 */
const LOCK = statement(
  ["lock"],
  z.object({ mine: z.boolean(), written: z.string() }),
  `SELECT pg_try_advisory_xact_lock(:lock) AS mine, last_value::text AS written FROM ledger_open_seq_seq`,
);

const Open = z.object({
  id: z.string(),
  rule: z.string(),
  scope: z.string(),
  subjectId: z.string(),
  goneS: z.number().nullable(),
  openS: z.number(),
  taken: z.boolean(),
  overdue: z.boolean(),
});
type Open = z.infer<typeof Open>;
const OPEN = statement(
  [],
  Open,
  `
SELECT id, rule, scope, subject_id AS "subjectId", extract(epoch FROM now() - gone_since)::float8 AS "goneS",
       extract(epoch FROM now() - raised_at)::float8 AS "openS", taken_at IS NOT NULL AS taken, overdue_at IS NOT NULL AS overdue
  FROM alarm WHERE recovered_at IS NULL`,
);

const MARK = statement(
  ["gone", "back"],
  z.object({ id: z.string() }),
  `
UPDATE alarm SET gone_since = CASE WHEN id = ANY(:gone::uuid[]) THEN now() END
 WHERE id = ANY(:gone::uuid[] || :back::uuid[]) AND recovered_at IS NULL RETURNING id`,
);

const keyOf = ({ rule, scope, subjectId }: Pick<Open, "rule" | "scope" | "subjectId">): string =>
  `${rule} ${scope} ${subjectId}`;

/** What one look did. */
interface Looked {
  /** False: another replica was at it. */
  readonly looked: boolean;
  /** Ids of alarms. */
  readonly changed: readonly string[];
}

/** Holds what is open against what is found. Nothing is done for rules that were not looked at. */
async function settle(
  sql: Sql,
  rules: readonly SetRule[],
  looked: ReadonlySet<AlarmRule>,
  found: readonly Found[],
): Promise<readonly string[]> {
  const open = await sql.rows(OPEN, {});
  const openKeys = new Set(open.map(keyOf));
  const there = new Set(found.map(keyOf));
  const isOn = new Set(
    rules.filter(({ enabled }) => enabled).map(({ rule, scope }) => `${rule} ${scope}`),
  );
  const gone: string[] = [];
  const back: string[] = [];
  const over: Record<"gone" | "off", string[]> = { gone: [], off: [] };
  for (const alarm of open) {
    // Of a newer replica, which looks after it: ended here it would come again at once, with a mail each time.
    if (!Object.hasOwn(ALARM_RULES, alarm.rule)) continue;
    if (!isOn.has(`${alarm.rule} ${alarm.scope}`)) over.off.push(alarm.id);
    else if (!looked.has(alarm.rule as AlarmRule)) continue;
    else if (there.has(keyOf(alarm))) {
      if (alarm.goneS !== null) back.push(alarm.id);
    } else if (alarm.goneS === null) gone.push(alarm.id);
    else if (alarm.goneS >= SETTLE_S) over.gone.push(alarm.id);
  }
  if (gone.length + back.length > 0) await sql.rows(MARK, { gone, back });
  const raised = await raiseAlarms(
    sql,
    found.filter((cause) => cause.raises && !openKeys.has(keyOf(cause))),
    BY,
  );
  const ended = await recoverAlarms(sql, over.gone, "gone", BY);
  const off = await recoverAlarms(sql, over.off, "off", BY);
  return [...raised, ...ended, ...off, ...(await endCalls(sql, rules, open))];
}

/** Calls that nobody took in time are told aloud; those that were forgotten end. */
async function endCalls(
  sql: Sql,
  rules: readonly SetRule[],
  open: readonly Open[],
): Promise<readonly string[]> {
  const settingsOf = new Map(
    rules.flatMap(({ rule, scope, settings }) =>
      rule === "lead.called" ? [[scope, settings] as const] : [],
    ),
  );
  const calls = open.filter(({ rule }) => rule === "lead.called");
  const limitOf = ({ scope }: Open, name: string): number =>
    settingsOf.get(scope)?.[name] ?? Number.POSITIVE_INFINITY;
  const forgotten = calls.filter((call) => call.openS > limitOf(call, "hours") * 3_600);
  const late = calls.filter(
    (call) => !call.taken && !call.overdue && call.openS >= limitOf(call, "answerS"),
  );
  const told = await markOverdue(
    sql,
    late.map(({ id }) => id),
    BY,
  );
  const ended = await recoverAlarms(
    sql,
    forgotten.map(({ id }) => id),
    "over",
    BY,
  );
  return [...told, ...ended];
}

/** Raises alarms whose cause is there, and ends those whose cause is gone. */
export function evaluator(db: Database, sources: readonly Source[], now = () => performance.now()) {
  let written = "";
  let changedAt = Number.NEGATIVE_INFINITY;
  let timeAt = Number.NEGATIVE_INFINITY;
  let workAt = Number.NEGATIVE_INFINITY;

  async function look(tx: Sql): Promise<Looked> {
    const lock = await tx.row(LOCK, { lock: EVALUATE_LOCK });
    if (lock?.mine !== true) return { looked: false, changed: [] };
    const at = now();
    if (lock.written !== written) changedAt = at;
    const isBusy = at - changedAt < AFTER_EVENT_MS;
    const time = isBusy || at - timeAt >= IDLE_MS;
    const work = isBusy || at - workAt >= SLOW_MS;
    if (!time && !work) return { looked: true, changed: [] };
    const rules = await readRules(tx);
    const found: Found[] = [];
    const looked = new Set<AlarmRule>();
    for (const source of sources) {
      if (source.changesWith === "time" ? !time : !work) continue;
      const scopes = rules.filter(({ rule, enabled }) => enabled && rule === source.rule);
      looked.add(source.rule);
      if (scopes.length > 0) found.push(...(await source.find(tx, scopes)));
    }
    const changed = await settle(tx, rules, looked, found);
    written = lock.written;
    if (time) timeAt = at;
    if (work) workAt = at;
    return { looked: true, changed };
  }
  return { look: (): Promise<Looked> => db.transaction(look) };
}
