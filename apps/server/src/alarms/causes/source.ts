import { ALARM_RULES, type AlarmRule } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { type Statement, statement } from "../../db/statement.ts";
import type { Cause } from "../raise.ts";

/** A cause as it is found. */
export interface Found extends Cause {
  /** False: too little to raise an alarm, and enough to keep one that is open. So an alarm does not flap. */
  readonly raises: boolean;
}

/** A scope in which a rule is on, with its settings. */
export interface ScopeSettings {
  readonly scope: string;
  readonly settings: Readonly<Record<string, number>>;
}

/** Finds every cause of some rules that is there now. */
export interface Source {
  readonly rule: AlarmRule;
  /** "work": only something that happened, or much time, changes what it finds. "time": seconds may. */
  readonly changesWith: "work" | "time";
  find(sql: Sql, scopes: readonly ScopeSettings[]): Promise<readonly Found[]>;
}

/** What every statement of causes selects. */
export const FOUND = {
  scope: z.string(),
  subjectKind: z.string(),
  subjectId: z.string(),
  subjectName: z.string(),
  stationId: z.string().nullable(),
};
const FoundRow = z.object({
  ...FOUND,
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  raises: z.boolean(),
});

/** SQL of a CTE "rule": a row for each scope, with the rule's settings as columns. */
const ruleSql = (rule: AlarmRule): string => {
  const columns = Object.keys(ALARM_RULES[rule].settings).map((name) => `, "${name}" float8`);
  return `rule AS (SELECT * FROM jsonb_to_recordset(:scopes::jsonb) AS r(scope uuid${columns.join("")}))`;
};

/** A statement of causes. `text` goes on after WITH and the CTE "rule". */
export const causeStatement = <Row>(
  rule: AlarmRule,
  row: z.ZodType<Row>,
  text: string,
): Statement<Row, "scopes"> => statement(["scopes"], row, `WITH ${ruleSql(rule)} ${text}`);

/** The parameter of such a statement. */
export const scopesValue = (scopes: readonly ScopeSettings[]): { readonly scopes: string } => ({
  scopes: JSON.stringify(scopes.map(({ scope, settings }) => ({ scope, ...settings }))),
});

/** A rule whose causes one statement finds. It selects the columns of {@link FOUND}, `parameters` (jsonb) and `raises`. */
export function sqlSource(
  rule: AlarmRule,
  changesWith: Source["changesWith"],
  text: string,
): Source {
  const found = causeStatement(rule, FoundRow, text);
  return {
    rule,
    changesWith,
    async find(sql, scopes) {
      const rows = await sql.rows(found, scopesValue(scopes));
      return rows.map((row) => ({ ...row, rule }));
    },
  };
}
