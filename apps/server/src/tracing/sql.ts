import { type Attributes, type Tracing, traced } from "./tracing.ts";

/** Longer texts are cut: they are of the program's own, and can be found by how they begin. Characters. */
const LONGEST = 1_000;

const told = new Map<string, { readonly name: string; readonly attributes: Attributes }>();
/** As many as there are constant texts. */
const MOST = 400;

/** What a statement does first, and to what: "INSERT job". Of a text that has parameters only; another may hold values. */
function describe(text: string, hasParameters: boolean) {
  const known = told.get(text);
  if (known !== undefined) return known;
  const [, verb = "SQL"] = /\b(SELECT|INSERT|UPDATE|DELETE)\b/i.exec(text) ?? [];
  const [, table] = /\b(?:INSERT INTO|UPDATE|DELETE FROM|FROM)\s+([a-z_]+)/i.exec(text) ?? [];
  const name = [verb.toUpperCase(), table ?? []].flat().join(" ");
  const described = {
    name,
    attributes: {
      "db.system.name": "postgresql",
      "db.operation.name": verb.toUpperCase(),
      ...(table === undefined ? {} : { "db.collection.name": table }),
      ...(hasParameters ? { "db.query.text": text.slice(0, LONGEST) } : {}),
    },
  };
  if (told.size < MOST) told.set(text, described);
  return described;
}

/** How each statement is run; see `sqlOn`. */
export type ObserveSql = <T>(
  text: string,
  values: readonly unknown[],
  work: () => Promise<T>,
) => Promise<T>;

/** A span for each statement, with its text and none of its values. Undefined without traces. */
export function sqlSpans(tracing: Tracing | undefined): ObserveSql | undefined {
  if (tracing === undefined) return undefined;
  return (text, values, work) => {
    const { name, attributes } = describe(text, values.length > 0);
    return traced(tracing, name, "client", work, { attributes });
  };
}
