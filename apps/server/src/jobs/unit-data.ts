import type { LeasedJob, RecipeView } from "@flashline/contract";
import type { JobRefusal } from "./refusal.ts";

/** What a release's recipe takes from the server, and what there is of it for one unit. */
export interface UnitDataFacts {
  readonly fields: RecipeView["fields"];
  /** Names of values and of secrets that were given. */
  readonly given: readonly string[];
  readonly secrets: readonly string[];
  /** Ranges of which the unit has its number already. */
  readonly numbered: readonly string[];
  /** Numbers left, by range. */
  readonly left: Readonly<Record<string, number>>;
}

/** Ranges of which a unit of the release gets a number, each once, in the order in which everybody locks them. */
export function neededRanges(fields: RecipeView["fields"]): readonly string[] {
  const names = fields.flatMap(({ from, range }) =>
    from === "range" && range !== null ? [range] : [],
  );
  return [...new Set(names)].sort();
}

/** True when nothing of the release's per-unit data comes from the server. */
export const needsNothing = (fields: RecipeView["fields"]): boolean =>
  fields.every(({ from }) => from === "serial" || from === "computed");

/** Why the unit cannot have its data now. Null: it can. */
export function unitDataRefusal(serial: string, data: UnitDataFacts | null): JobRefusal | null {
  if (data === null) return null;
  const missing = data.fields.find(
    ({ from, name, secret }) =>
      from === "given" && !(secret ? data.secrets : data.given).includes(name),
  );
  if (missing !== undefined) {
    const what = missing.secret ? "secret" : "value";
    const message = `${serial} has no ${what} "${missing.name}", which the release takes.`;
    const parameters = { serial, field: missing.name, kind: what };
    return { code: "values.missing", message, parameters };
  }
  for (const range of neededRanges(data.fields)) {
    if (data.numbered.includes(range)) continue;
    const left = data.left[range];
    if (left === undefined) {
      const message = `The product has no range "${range}", which the release takes.`;
      return { code: "values.range_missing", message, parameters: { range } };
    }
    if (left <= 0) {
      const message = `Range "${range}" has no number left.`;
      return { code: "values.range_used_up", message, parameters: { range } };
    }
  }
  return null;
}

/** The unit's data as PostgreSQL has it, secrets opened. */
export interface UnitData {
  readonly numbers: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** By field, what a leased job carries. A value that is not there is left out: the station then refuses the job. */
export function jobValues(
  fields: RecipeView["fields"],
  data: UnitData,
): Pick<LeasedJob, "values" | "secrets"> {
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const { name, from, range, secret } of fields) {
    const [found, into] =
      from === "range"
        ? [data.numbers[range ?? ""], values]
        : from === "given"
          ? [secret ? data.secrets[name] : data.given[name], secret ? secrets : values]
          : [undefined, values];
    if (found !== undefined) into[name] = found;
  }
  return { values, secrets };
}
