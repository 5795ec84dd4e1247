import { type PatchFieldSpec, PatchSpec } from "@flashline/contract";
import { z } from "zod";
import { Refusal } from "../refusal.ts";

/** Reads a description of per-unit data; docs/images.md has its schema. Throws `image.patch_spec` with what is wrong where. */
export function parsePatchSpec(text: string, file: string): readonly PatchFieldSpec[] {
  const refuse = (why: string) => new Refusal("image.patch_spec", `${file}: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw refuse("this is no JSON");
  }
  const spec = PatchSpec.safeParse(json);
  if (!spec.success) throw refuse(z.prettifyError(spec.error));
  return spec.data.fields;
}
