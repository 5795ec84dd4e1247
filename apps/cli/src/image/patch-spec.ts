import type { PatchField } from "@flashline/dfu-core";
import { z } from "zod";
import { Refusal } from "../refusal.ts";

/** A number, or a string such as "0x0800fc00", because JSON has no hexadecimal numbers. */
const Word = z.union(
  [
    z.int().min(0).max(0xffff_ffff),
    z
      .string()
      .regex(/^0x[0-9a-f]{1,8}$/i)
      .transform(Number),
  ],
  { error: "expected a number of 32 bits, or a string such as 0x0800fc00" },
);
const Byte = z.int().min(0).max(0xff);
const Endian = z.enum(["little", "big"]);

const place = {
  name: z.string(),
  address: Word,
  length: z.int().min(1),
  secret: z.exactOptional(z.boolean()),
};

const Field = z.discriminatedUnion("kind", [
  z.strictObject({
    ...place,
    kind: z.literal("text"),
    encoding: z.exactOptional(z.enum(["ascii", "utf8", "utf16le"])),
    padding: z.exactOptional(Byte),
  }),
  z.strictObject({ ...place, kind: z.literal("uint"), endian: z.exactOptional(Endian) }),
  z.strictObject({ ...place, kind: z.literal("bcd"), endian: z.exactOptional(Endian) }),
  z.strictObject({
    ...place,
    kind: z.literal("bytes"),
    endian: z.exactOptional(Endian),
    padding: z.exactOptional(Byte),
  }),
  z.strictObject({
    ...place,
    kind: z.literal("crc32"),
    endian: z.exactOptional(Endian),
    crc: z.strictObject({
      from: Word,
      to: Word,
      poly: z.exactOptional(Word),
      init: z.exactOptional(Word),
      xorOut: z.exactOptional(Word),
      reflect: z.exactOptional(z.boolean()),
      wordBytes: z.exactOptional(z.union([z.literal(1), z.literal(4)])),
      fill: z.exactOptional(Byte),
    }),
  }),
]);

const PatchSpec = z.strictObject({ fields: z.array(Field).min(1).max(1000) });

/** Reads a description of per-unit data; docs/images.md has its schema. Throws `image.patch_spec` with what is wrong where. */
export function parsePatchSpec(text: string, file: string): readonly PatchField[] {
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
