import fc from "fast-check";

/** The part of a JSON Schema that the API's description uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i += 1) value = [value];
  return value;
};

/** What databases, regular expressions, clocks and serialisers have stumbled over. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    "",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00x",
    "%00",
    "\\",
    "%",
    "_",
    "'; --",
    "../../etc/passwd",
    "A".repeat(5_000),
    "ß".repeat(64),
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999+23:59",
    "0001-01-01T00:00:00-15:59",
    "([A-Z0-9]+)+",
    "(?=x)x",
    "__proto__",
    "toString",
    null,
    true,
    -1,
    0,
    0.5,
    2_147_483_647,
    2_147_483_648,
    Number.MAX_SAFE_INTEGER,
    1e308,
    -1e308,
    [],
    {},
    { toString: 1 },
  ),
  fc.constantFrom(40, 70).map(nested),
  fc.string({ unit: "binary", maxLength: 70 }),
  fc.string({ unit: fc.constantFrom("\0", "\ud83d", "A", " ", "\u202e", "é"), maxLength: 12 }),
);

/** Times as they are read, near and far. */
const times = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date("2025-01-01"), max: new Date("2027-01-01") })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    ...["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
    ...["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-14:00", "2026-11-24T00:00:00+23:59"],
  ),
);

/** Values that mean something to the server, by the name of the key that takes them. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

function textFor(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.format === "uuid") return fc.uuid();
  if (schema.format === "date-time") return times;
  if (schema.format === "date") return times.map((time) => time.slice(0, 10));
  if (schema.pattern?.includes("{64}") === true) return fc.constant("0".repeat(64));
  return fc.string({ minLength: 1, maxLength: 12 });
}

function valid(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueFor(choice, known)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "string":
      return textFor(schema);
    case "integer":
    case "number": {
      const min = Math.max(schema.minimum ?? 0, -1000);
      return fc.integer({ min, max: Math.max(min, Math.min(schema.maximum ?? 9, min + 9)) });
    }
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valueFor(schema.items ?? {}, known), { maxLength: 3 });
    case "object":
      return objectFor(schema, known);
    default:
      return fc.dictionary(fc.string({ maxLength: 5 }), hostile, { maxKeys: 2 });
  }
}

function objectFor(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const named = known[name];
    const value =
      named === undefined
        ? valueFor(property, known)
        : fc.oneof({ arbitrary: fc.constantFrom(...named), weight: 8 }, hostile);
    return [name, value] as const;
  });
  return fc.record(Object.fromEntries(entries), {
    requiredKeys: [...(schema.required ?? []), ...Object.keys(known)].filter((name) =>
      Object.hasOwn(schema.properties ?? {}, name),
    ),
  });
}

/** Mostly what the schema takes, with something hostile in one place or another. */
export const valueFor = (schema: Schema, known: Known): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: valid(schema, known), weight: 9 }, { arbitrary: hostile, weight: 1 });
