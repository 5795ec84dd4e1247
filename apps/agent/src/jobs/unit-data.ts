import { createHash } from "node:crypto";
import {
  FlashlineError,
  type LeasedJob,
  numberFor,
  type PatchFieldSpec,
  type PatchRecord,
  type Recipe,
} from "@flashline/contract";
import { applyPatches, type Image } from "@flashline/dfu-core";

export interface UnitImage {
  readonly image: Image;
  /** Undefined where the recipe has no per-unit data. */
  readonly patch?: PatchRecord;
}

/**
 * The release's image as this unit gets it, in memory only. What goes where is signed; the serial is the one that was scanned
 * here, all else is what the server has of the unit.
 * @throws FlashlineError `values.missing`; DfuError `image.patch_*`. No message has a value in it.
 */
export function imageForUnit(
  { patch }: Recipe,
  job: Pick<LeasedJob, "serial" | "values" | "secrets">,
  image: Image,
): UnitImage {
  if (patch === undefined) return { image };
  const values = patch.fields.flatMap((field) =>
    field.kind === "crc32" ? [] : [[field.name, valueFor(field, job)] as const],
  );
  const patched = applyPatches(image, patch.fields, Object.fromEntries(values));
  const fields = patch.fields.map(({ name }) => name);
  // A short secret could be tried against a digest that had it.
  const digest = patched.publicDigest(createHash("sha256"));
  return { image: patched.image, patch: { digest, fields } };
}

function valueFor(
  field: Exclude<PatchFieldSpec, { kind: "crc32" }>,
  job: Pick<LeasedJob, "serial" | "values" | "secrets">,
): string {
  const { name, secret } = field;
  if (field.value?.from === "serial") return job.serial;
  const given = secret === true ? job.secrets : job.values;
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined) {
    const what = secret === true ? "secret" : "value";
    throw new FlashlineError("values.missing", `The job has no ${what} for the field ${name}.`);
  }
  return field.value?.from === "range" ? numberFor(field, value) : value;
}
