import {
  ALARM_RULE_NAMES,
  ALARM_RULES,
  type AlarmRule,
  type AlarmRuleEntry,
  type AlarmRuleView,
} from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { SERVER_SCOPE } from "./scope.ts";

const Plant = z.object({ id: z.string(), name: z.string() });
const PLANTS = statement([], Plant, "SELECT id, name FROM plant ORDER BY name");

const Changed = z.object({
  scope: z.string(),
  rule: z.string(),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.number()),
  changedBy: z.string(),
  changedAt: z.date(),
});
const CHANGED = statement(
  [],
  Changed,
  `SELECT scope, rule, enabled, settings, changed_by AS "changedBy", changed_at AS "changedAt" FROM alarm_rule`,
);

const SAVE = statement(
  ["scope", "rule", "enabled", "settings", "changedBy"],
  z.object({ rule: z.string() }),
  `
INSERT INTO alarm_rule (scope, rule, enabled, settings, changed_by)
VALUES (:scope::uuid, :rule, :enabled, :settings::jsonb, :changedBy)
ON CONFLICT (scope, rule) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings,
  changed_by = excluded.changed_by, changed_at = now()
RETURNING rule`,
);

/** A rule as it is set in one scope. */
export interface SetRule {
  readonly rule: AlarmRule;
  readonly scope: string;
  readonly plant: string | null;
  readonly enabled: boolean;
  /** What was changed only. */
  readonly changed: Readonly<Record<string, number>>;
  /** All of them. */
  readonly settings: Readonly<Record<string, number>>;
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
}

const entryOf = (rule: AlarmRule): AlarmRuleEntry => ALARM_RULES[rule];

const usualOf = (rule: AlarmRule): Record<string, number> =>
  Object.fromEntries(
    Object.entries(entryOf(rule).settings).map(([name, { usual }]) => [name, usual]),
  );

/** Every rule in every scope that it has: each plant, or the server. */
export async function readRules(sql: Sql): Promise<readonly SetRule[]> {
  const plants = await sql.rows(PLANTS, {});
  const changed = new Map(
    (await sql.rows(CHANGED, {})).map((row) => [`${row.scope} ${row.rule}`, row]),
  );
  return ALARM_RULE_NAMES.flatMap((rule) => {
    const scopes =
      entryOf(rule).scope === "server"
        ? [{ scope: SERVER_SCOPE, plant: null }]
        : plants.map(({ id, name }) => ({ scope: id, plant: name }));
    const usual = usualOf(rule);
    return scopes.map(({ scope, plant }) => {
      const row = changed.get(`${scope} ${rule}`);
      const known = Object.entries(row?.settings ?? {}).filter(([name]) => name in usual);
      const own = Object.fromEntries(known);
      return {
        rule,
        scope,
        plant,
        enabled: row?.enabled ?? true,
        changed: own,
        settings: { ...usual, ...own },
        changedBy: row?.changedBy ?? null,
        changedAt: row?.changedAt ?? null,
      };
    });
  });
}

/** Writes what was changed of a rule. */
export async function saveRule(
  sql: Sql,
  { rule, scope, enabled, changed }: SetRule,
  changedBy: string,
): Promise<void> {
  const settings = JSON.stringify(changed);
  await sql.row(SAVE, { scope, rule, enabled, settings, changedBy });
}

export function ruleViewOf(set: SetRule): AlarmRuleView {
  const { settings, says } = entryOf(set.rule);
  return {
    rule: set.rule,
    plant: set.plant,
    enabled: set.enabled,
    settings: set.settings,
    usual: usualOf(set.rule),
    meaning: Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, one.says])),
    says,
    changedBy: set.changedBy,
    changedAt: set.changedAt?.toISOString() ?? null,
  };
}
