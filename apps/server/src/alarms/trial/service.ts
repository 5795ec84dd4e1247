import {
  type AlarmRule,
  type AlarmTrial,
  type AlarmTrialRequest,
  describeAlarm,
  MOST_TRIED,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../../db/database.ts";
import type { Sql } from "../../db/sql.ts";
import { findRule, mustFit } from "../rules.service.ts";
import { tryLines } from "./lines.ts";
import { REPLAYS, type WouldBe } from "./replay.ts";
import { pastResults, raisedSince } from "./repository.ts";

/** What is looked at. */
const DAYS = 14;
const DAY_MS = 86_400_000;

const isReplayed = (rule: AlarmRule): rule is AlarmRule & keyof typeof REPLAYS =>
  Object.hasOwn(REPLAYS, rule);

interface Tried {
  readonly rule: AlarmRule;
  readonly scope: string;
  readonly settings: Readonly<Record<string, number>>;
}
interface Past {
  /** Since when there is something to say. */
  readonly from: Date;
  readonly alarms: readonly WouldBe[];
}

/** What a rule would have said; undefined where what it looks at is not kept. */
async function pastOf(
  sql: Sql,
  { rule, scope, settings }: Tried,
  asked: Date,
  to: Date,
): Promise<Past | undefined> {
  if (rule === "line.behind") return await tryLines(sql, scope, settings, asked, to);
  if (!isReplayed(rule)) return undefined;
  const { results, isCut } = await pastResults(sql, scope, asked, to);
  const replay = REPLAYS[rule](settings);
  for (const result of results) replay.take(result);
  const from = isCut ? new Date(results[0]?.at ?? to) : asked;
  return { from, alarms: replay.end(to.getTime()) };
}

/** Tries rules on what happened. Changes nothing. */
export const trialService = (db: Database, now: () => number = Date.now) => ({
  /** Rejects as setting the rule would. */
  async try(rule: AlarmRule, request: z.output<typeof AlarmTrialRequest>): Promise<AlarmTrial> {
    mustFit(rule, request.settings);
    const set = await findRule(db.sql, rule, request.plant);
    const settings = { ...set.settings, ...request.settings };
    const to = now();
    const asked = new Date(to - DAYS * DAY_MS);
    const about = { rule, plant: set.plant, settings, to: new Date(to).toISOString() };
    const past = await pastOf(db.sql, { rule, scope: set.scope, settings }, asked, new Date(to));
    if (past === undefined) {
      const raised = await raisedSince(db.sql, rule, set.scope, asked);
      return { ...about, from: asked.toISOString(), raised, would: null, alarms: [] };
    }
    const { from, alarms: found } = past;
    return {
      ...about,
      from: from.toISOString(),
      raised: await raisedSince(db.sql, rule, set.scope, from),
      would: found.length,
      alarms: found
        .slice(-MOST_TRIED)
        .reverse()
        .map(({ kind, name, at, until, parameters }) => ({
          subject: { kind, name },
          at: new Date(at).toISOString(),
          until: until === null ? null : new Date(until).toISOString(),
          message: describeAlarm(rule, name, parameters),
        })),
    };
  },
});
