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
  const patched = applyPatches(image, patch.fields, Object.fromEntries(values)).image;
  return {
    image: patched,
    patch: { digest: digestOf(patched), fields: patch.fields.map(({ name }) => name) },
  };
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

/**
 * SHA-256 over the address and length (32 bit, little-endian) and the bytes of every segment, as `applyPatches` computes it,
 * but with zeros where secrets are: a short one could be tried against a digest that had it.
 */
function digestOf({ segments, secrets = [] }: Image): string {
  const hash = createHash("sha256");
  for (const { address, data } of segments) {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(address, 0);
    header.writeUInt32LE(data.length, 4);
    const shown = new Uint8Array(data);
    for (const secret of secrets) {
      const from = Math.max(0, secret.address - address);
      const to = secret.address + secret.length - address;
      if (to > from) shown.fill(0, from, to);
    }
    hash.update(header).update(shown);
  }
  return hash.digest("hex");
}
