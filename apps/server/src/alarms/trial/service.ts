import {
  type AlarmRule,
  type AlarmTrial,
  type AlarmTrialRequest,
  describeAlarm,
  MOST_TRIED,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../../db/database.ts";
import { findRule, mustFit } from "../rules.service.ts";
import { REPLAYS } from "./replay.ts";
import { pastResults, raisedSince } from "./repository.ts";

/** What is looked at. */
const DAYS = 14;
const DAY_MS = 86_400_000;

const isReplayed = (rule: AlarmRule): rule is AlarmRule & keyof typeof REPLAYS =>
  Object.hasOwn(REPLAYS, rule);

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
    if (!isReplayed(rule)) {
      const raised = await raisedSince(db.sql, rule, set.scope, asked);
      return { ...about, from: asked.toISOString(), raised, would: null, alarms: [] };
    }
    const { results, isCut } = await pastResults(db.sql, set.scope, asked, new Date(to));
    const from = isCut ? new Date(results[0]?.at ?? to) : asked;
    const replay = REPLAYS[rule](settings);
    for (const result of results) replay.take(result);
    const found = replay.end(to);
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
