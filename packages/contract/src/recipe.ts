import { z } from "zod";
import { PatchSpec, Word } from "./patch.ts";

/** "dfu-gone", or the application's ids as lsusb prints them. */
export const AfterLeave = z
  .string()
  .regex(/^(dfu-gone|[0-9a-f]{4}:[0-9a-f]{4})$/i, "expected dfu-gone or VID:PID, like 0483:5740")
  .transform((text) => text.toLowerCase());

const PIECE = /\{(?:serial|[1-9])\}/;

/**
 * How the serial that the application shows over USB follows from the scanned one. Capital and small letters count alike, because a scanned
 * serial is kept in capitals. `shownSerial` (`@flashline/contract/pattern`) works it out,
 * and `docs/releases.md` tells what each key means.
 */
export const SerialRule = z.strictObject({
  from: z.literal("serial"),
  /** In RE2's syntax. The whole scanned serial must match; its groups are pieces for `text`. */
  pattern: z.exactOptional(z.string().min(1).max(200)),
  /** `{serial}` is the scanned one, `{1}` to `{9}` are the pattern's groups. Default `{serial}`. */
  text: z.exactOptional(
    z
      .string()
      .max(100)
      .regex(
        /^(?:[\x20-\x7a|~]|\{(?:serial|[1-9])\})+$/,
        "expected text, with {serial} or {1} to {9} where a piece goes",
      )
      .refine(
        (text) => PIECE.test(text),
        "has no piece of the serial: all units would show the same",
      ),
  ),
});
export type SerialRule = z.infer<typeof SerialRule>;

/** A flash of one bank or of two: where chips can be set to either, addresses and sectors differ. */
const BankMode = z.enum(["single", "dual"]);

/** Keys that came with manifests of schema 2: an agent that does not know them must not flash without them. */
const OF_SCHEMA_2 = [
  "patch",
  "bankMode",
  "expectOptions",
  "expectAfterLeave",
  "vectorTable",
  "rawImages",
] as const;

/** How a release wants its units flashed. */
export const Recipe = z.looseObject({
  remainder: z.enum(["discard", "preserve", "refuse"]).default("discard"),
  /** Pacing profile to start with. */
  profile: z.enum(["fast", "standard", "gentle", "crawl"]).default("standard"),
  /** Start the application after the seal was verified. */
  leave: z.boolean().default(true),
  /** Per-unit data. */
  patch: z.exactOptional(PatchSpec),
  /** The bank mode that the image is for; a unit in another one, or that does not tell, is refused before the first erase. */
  bankMode: z.exactOptional(BankMode),
  /** Option bytes that a unit must have, by name; others are refused before the first erase. */
  expectOptions: z.exactOptional(
    z.record(
      z.string().regex(/^\w{1,40}$/),
      z.union([z.int().min(0), z.string().regex(/^[\w.]{1,20}$/)]),
    ),
  ),
  /** What the port must show after the application was started; else the unit fails. */
  expectAfterLeave: z.exactOptional(
    z
      .strictObject({
        show: z.exactOptional(AfterLeave),
        /** The application's USB serial. Agents of before refuse a manifest that has it. */
        serial: z.exactOptional(SerialRule),
        withinSeconds: z.number().positive().max(120).default(10),
      })
      .refine(({ show, serial }) => show !== undefined || serial !== undefined, {
        error: "needs show or serial: what the port must show",
      }),
  ),
  /**
   * Where the image has its vector table, or that it has none. Without it the table at the image's lowest address must fit;
   * this is looked at when a release is signed and published. `leave` starts the application from the address that is given.
   */
  vectorTable: z.exactOptional(z.union([Word, z.literal("none")])),
  /** Names of images that a person said are bytes as they are, whatever name and content look like. */
  rawImages: z.exactOptional(z.array(z.string().min(1).max(200)).min(1).max(8)),
});
export type Recipe = z.infer<typeof Recipe>;

const KNOWN = new Set(Object.keys(Recipe.shape));

/** What is wrong with a recipe of a manifest of this schema, each with the key that it is about. */
export function recipeProblems(
  schema: 1 | 2,
  recipe: Recipe,
): readonly (readonly [path: readonly string[], message: string])[] {
  const problems: [string[], string][] = [];
  if (schema === 1) {
    for (const key of OF_SCHEMA_2) {
      if (key in recipe) problems.push([[key], 'needs "schema": 2 in the manifest']);
    }
  } else {
    for (const key of Object.keys(recipe)) {
      if (!KNOWN.has(key)) problems.push([[key], "is no key of a recipe"]);
    }
  }
  if (recipe.expectAfterLeave !== undefined && !recipe.leave) {
    problems.push([["expectAfterLeave"], "needs leave: nothing is started"]);
  }
  for (const field of recipe.patch?.fields ?? []) {
    if (field.kind === "crc32") continue;
    if (field.value === undefined) {
      problems.push([["patch", field.name], 'needs "value": where it is taken from']);
    } else if (field.secret === true && field.value.from !== "given") {
      problems.push([["patch", field.name], "only a given value can be secret"]);
    }
  }
  return problems;
}

/** A recipe as pages and tools show it; never a value. */
export const RecipeView = z.object({
  remainder: z.string(),
  profile: z.string(),
  leave: z.boolean(),
  /** Not there where the release names none. */
  bankMode: z.exactOptional(BankMode),
  /** Address of the vector table; not there where the release names none. */
  vectorTable: z.exactOptional(z.union([z.number().int(), z.literal("none")])),
  /** Images that are bytes as they are; not there where the release names none. */
  rawImages: z.exactOptional(z.array(z.string())),
  /** "dfu-gone" or "0483:5740". */
  expectAfterLeave: z.string().nullable(),
  withinSeconds: z.number().nullable(),
  /** How the serial that the application must show follows from the scanned one; not there where the release does not ask. */
  shownSerial: z.exactOptional(SerialRule),
  expectOptions: z.record(z.string(), z.string()),
  fields: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      address: z.number().int(),
      /** Bytes. */
      length: z.number().int(),
      secret: z.boolean(),
      /** Or "computed", of a CRC. */
      from: z.enum(["serial", "range", "given", "computed"]),
      /** The range that it is a number of. */
      range: z.string().nullable(),
    }),
  ),
});
export type RecipeView = z.infer<typeof RecipeView>;

/** A rule in words: "P40{1} of PSU-40-([0-9]{6})". */
export function serialRuleText({ pattern, text = "{serial}" }: SerialRule): string {
  const shown = text === "{serial}" ? "the scanned serial" : text;
  return pattern === undefined ? shown : `${shown} of ${pattern}`;
}

/** A recipe as pages show it: defaults filled in, no value of any field in it. */
export function viewRecipe(recipe: Recipe): RecipeView {
  const { remainder, profile, leave, bankMode, vectorTable, rawImages, expectAfterLeave } = recipe;
  return {
    remainder,
    profile,
    leave,
    ...(bankMode === undefined ? {} : { bankMode }),
    ...(vectorTable === undefined ? {} : { vectorTable }),
    ...(rawImages === undefined ? {} : { rawImages }),
    expectAfterLeave: expectAfterLeave?.show ?? null,
    withinSeconds: expectAfterLeave?.withinSeconds ?? null,
    ...(expectAfterLeave?.serial === undefined ? {} : { shownSerial: expectAfterLeave.serial }),
    expectOptions: Object.fromEntries(
      Object.entries(recipe.expectOptions ?? {}).map(([name, wanted]) => [name, String(wanted)]),
    ),
    fields: (recipe.patch?.fields ?? []).map((field) => {
      const { name, kind, address, length } = field;
      const source = field.kind === "crc32" ? undefined : field.value;
      return {
        name,
        kind,
        address,
        length,
        secret: field.secret ?? false,
        from: source?.from ?? "computed",
        range: source?.from === "range" ? source.range : null,
      };
    }),
  };
}
