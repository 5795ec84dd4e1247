import {
  ALARM_RULES,
  type AlarmRule,
  type AlarmRuleEntry,
  type AlarmRuleRequest,
  type AlarmRuleView,
  FlashlineError,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { readRules, ruleViewOf, type SetRule, saveRule } from "./rules.repository.ts";

type Settings = Readonly<Record<string, number>>;

/** Throws `request.invalid` for a setting that the rule does not have, or beyond its bounds. */
export function mustFit(rule: AlarmRule, settings: Settings): void {
  const known: AlarmRuleEntry["settings"] = ALARM_RULES[rule].settings;
  for (const [name, value] of Object.entries(settings)) {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined;
    if (setting === undefined) {
      const names = Object.keys(known).join(", ") || "none";
      throw new FlashlineError(
        "request.invalid",
        `${rule} has no setting ${name.slice(0, 30)}. It has: ${names}.`,
        { parameters: { rule, setting: name.slice(0, 30), names } },
      );
    }
    const { least, most } = setting;
    if (value < least || value > most) {
      throw new FlashlineError(
        "request.invalid",
        `${name} of ${rule} is a number from ${least} to ${most}.`,
        { parameters: { rule, setting: name, least, most } },
      );
    }
  }
}

/** The scope that a request means. Throws `request.invalid` and `request.conflict` where none or several are meant. */
export async function findRule(
  sql: Sql,
  rule: AlarmRule,
  plant: string | undefined,
): Promise<SetRule> {
  const scopes = (await readRules(sql)).filter((set) => set.rule === rule);
  if (plant !== undefined && ALARM_RULES[rule].scope === "server") {
    throw new FlashlineError("request.invalid", `${rule} is the whole server's: name no plant.`, {
      parameters: { rule },
    });
  }
  const meant = plant === undefined ? scopes : scopes.filter((set) => set.plant === plant);
  const [first] = meant;
  if (first === undefined) {
    throw new FlashlineError("request.invalid", `There is no plant ${plant ?? ""}.`, {
      parameters: { plant: plant ?? "" },
    });
  }
  if (meant.length > 1) {
    const plants = meant.map((set) => set.plant ?? "").join(", ");
    throw new FlashlineError("request.conflict", `There are several plants: ${plants}. Name one.`, {
      parameters: { plants },
    });
  }
  return first;
}

/** What of two records differs, as it is in the first. */
const differing = (of: object, from: object): Record<string, unknown> => {
  const others = new Map(Object.entries(from));
  return Object.fromEntries(
    Object.entries(of).filter(([name, value]) => others.get(name) !== value),
  );
};

export const rulesService = (db: Database) => ({
  async list(): Promise<AlarmRuleView[]> {
    return (await readRules(db.sql)).map(ruleViewOf);
  },
  /** What is set already is no error and no event. */
  set(
    rule: AlarmRule,
    request: z.output<typeof AlarmRuleRequest>,
    by: Origin,
  ): Promise<AlarmRuleView> {
    const { plant, settings = {}, reason } = request;
    mustFit(rule, settings);
    return db.transaction(async (tx) => {
      const before = await findRule(tx, rule, plant);
      const kept = request.usual === true ? {} : before.changed;
      const wasEnabled = request.usual === true ? true : before.enabled;
      const changed = { ...kept, ...settings };
      const enabled = request.enabled ?? wasEnabled;
      await saveRule(tx, { ...before, enabled, changed }, actorOf(by));
      const after = await findRule(tx, rule, plant);
      const was = { enabled: before.enabled, ...before.settings };
      const is = { enabled: after.enabled, ...after.settings };
      if (Object.keys(differing(is, was)).length > 0) {
        await recordEvent(tx, {
          kind: "alarm.rule-changed",
          by,
          plantId: before.plant === null ? null : before.scope,
          subject: { id: rule, name: before.plant === null ? rule : `${rule} ${before.plant}` },
          before: differing(was, is),
          after: differing(is, was),
          reason,
          data: { plant: before.plant },
        });
      }
      return ruleViewOf(after);
    });
  },
});
