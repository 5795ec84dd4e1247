import { OPERATOR_RULES, OperatorRules, StationOperatorRules } from "@flashline/contract";

/** What the database has of rules: those that somebody has set. A later version may have set more. */
const SetRules = OperatorRules.partial();

/** The rules that hold where these were set. */
export const rulesOf = (set: unknown): OperatorRules =>
  OperatorRules.parse({ ...OPERATOR_RULES, ...SetRules.parse(set) });

/** What a station has of its own. */
export function ownRulesOf(set: unknown): StationOperatorRules {
  const { badgePrefix, required, idleMinutes, shiftEnd } = SetRules.parse(set);
  return StationOperatorRules.parse({
    badgePrefix: badgePrefix ?? null,
    required: required ?? null,
    idleMinutes: idleMinutes ?? null,
    shiftEnd: shiftEnd ?? null,
  });
}

type Rules = Readonly<Record<string, unknown>>;

/** Those of `after` that differ from `before`, as both have them; undefined where none does. */
export function changedRules(
  before: Rules,
  after: Rules,
): { readonly before: Rules; readonly after: Rules } | undefined {
  const names = Object.keys(after).filter((name) => before[name] !== after[name]);
  if (names.length === 0) return undefined;
  const only = (rules: Rules) => Object.fromEntries(names.map((name) => [name, rules[name]]));
  return { before: only(before), after: only(after) };
}
