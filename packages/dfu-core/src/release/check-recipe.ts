import { DfuError } from "../errors.ts";
import { type Image, mergeImages } from "../image/index.ts";
import { OPTION_SCHEMAS, parseOptionValue } from "../options/index.ts";
import {
  type BankDecision,
  type BankMode,
  bankRulesOf,
  decisionAt,
  type Part,
} from "../parts/index.ts";
import { applyPatches, type PatchField } from "../patch/index.ts";
import { flashSizeOf } from "../plan/flash-size.ts";

/** What a release asks of every unit beyond its images. */
export interface RecipeAsks {
  readonly bankMode?: BankMode | undefined;
  readonly patch?: { readonly fields: readonly PatchField[] } | undefined;
  readonly expectOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** What a recipe is for. */
export interface RecipeTarget {
  readonly part: Part;
  /** As the manifest names it: a class, or an order code that tells the size too. */
  readonly chip: string;
  readonly images: readonly Image[];
}

/**
 * What a recipe asks of every unit, held against the image and the part table. Throws `image.patch_*`, `options.unknown`,
 * `options.value` or `plan.bank_mode` for what could never be done.
 */
export function checkRecipe(recipe: RecipeAsks, { part, chip, images }: RecipeTarget): void {
  if (recipe.bankMode !== undefined) checkBankMode(recipe.bankMode, part, chip);
  const fields = recipe.patch?.fields ?? [];
  if (fields.length > 0) tryPatch(fields, images);
  for (const [name, wanted] of Object.entries(recipe.expectOptions ?? {})) {
    checkOption(name, String(wanted), part);
  }
}

/** Which mode a single unit is in, the unit tells; here it is enough that some unit of this chip can be in it. */
function checkBankMode(wanted: BankMode, part: Part, chip: string): void {
  const [rule] = bankRulesOf([part]);
  const size = flashSizeOf(chip);
  const decisions =
    size === undefined
      ? (rule?.decisions.map(([, decision]) => decision) ?? [])
      : [rule && decisionAt(rule, size / 1024)];
  const shows = (decision: BankDecision): boolean =>
    typeof decision === "string" ? decision === wanted : hasOption(part, decision.option);
  if (decisions.some((decision) => decision !== undefined && shows(decision))) return;
  const known = decisions.some((decision) => decision !== undefined);
  throw new DfuError(
    "plan.bank_mode",
    known
      ? `The release is for ${wanted} bank, which ${chip} never is.`
      : `The release is for ${wanted} bank; of ${chip} no bank mode can be read, and every unit would be refused.`,
  );
}

const hasOption = (part: Part, name: string): boolean =>
  OPTION_SCHEMAS.some(
    ({ family, fields }) => family === part.family && fields.some((field) => field.name === name),
  );

/** Patches the image with sample values that fit, so that a failure can only come from the description. */
function tryPatch(fields: readonly PatchField[], images: readonly Image[]): void {
  const samples = fields.flatMap((field) =>
    field.kind === "crc32" ? [] : [[field.name, sampleFor(field)] as const],
  );
  applyPatches(mergeImages(images), fields, Object.fromEntries(samples));
}

function sampleFor({ kind, length }: PatchField): string {
  if (kind === "text") return "";
  // A field that is longer than any image is refused for its place, not for its sample.
  return kind === "bytes" ? "00".repeat(Math.min(length, 1 << 16)) : "0";
}

/** The unit's own zones decide which table holds; here any table of the family will do. */
function checkOption(name: string, wanted: string, part: Part): void {
  const schemas = OPTION_SCHEMAS.filter(({ family }) => family === part.family);
  if (schemas.length === 0) {
    throw new DfuError(
      "options.unknown",
      `No table knows the option bytes of ${part.name} by name.`,
    );
  }
  const fields = schemas.flatMap((schema) => schema.fields.map((field) => ({ schema, field })));
  const found = fields.filter(({ field }) => field.name.toLowerCase() === name.toLowerCase());
  if (found.length === 0) {
    const names = new Set(fields.map(({ field }) => field.name));
    throw new DfuError(
      "options.value",
      `${part.name} has no option ${name}; there are ${[...names].join(", ")}.`,
    );
  }
  const trials = found.map(({ schema, field }) => {
    try {
      parseOptionValue(schema, field, wanted);
      return undefined;
    } catch (cause) {
      return cause;
    }
  });
  if (!trials.includes(undefined)) throw trials[0];
}
