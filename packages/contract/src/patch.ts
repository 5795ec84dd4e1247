import { z } from "zod";

/** A number, or a string such as "0x0800fc00", because JSON has no hexadecimal numbers. */
export const Word = z.union(
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

/** A field, a range and a value are called alike: a letter, then at most 63 letters, digits, "_", "." or "-". */
export const ValueName = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, "expected a letter, then at most 63 letters, digits, _ . -");

/** Where the line takes a unit's value from. */
export const ValueSource = z.discriminatedUnion("from", [
  /** The unit's serial, as it was scanned and normalised. */
  z.strictObject({ from: z.literal("serial") }),
  /** A number of the product's range of this name; a unit keeps the one that it got first. */
  z.strictObject({ from: z.literal("range"), range: ValueName }),
  /** Given by API for this unit, under the field's name. */
  z.strictObject({ from: z.literal("given") }),
]);
export type ValueSource = z.infer<typeof ValueSource>;

const place = {
  name: ValueName,
  address: Word,
  length: z.int().min(1),
  secret: z.exactOptional(z.boolean()),
};
/** Needed in a release; a person at a desk gives the value and may leave it out. */
const value = z.exactOptional(ValueSource);

/** Where per-unit data goes in an image, and what it looks like there. `docs/images.md` tells what each key means. */
export const PatchFieldSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    ...place,
    kind: z.literal("text"),
    encoding: z.exactOptional(z.enum(["ascii", "utf8", "utf16le"])),
    padding: z.exactOptional(Byte),
    value,
  }),
  z.strictObject({ ...place, kind: z.literal("uint"), endian: z.exactOptional(Endian), value }),
  z.strictObject({ ...place, kind: z.literal("bcd"), endian: z.exactOptional(Endian), value }),
  z.strictObject({
    ...place,
    kind: z.literal("bytes"),
    endian: z.exactOptional(Endian),
    padding: z.exactOptional(Byte),
    value,
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
export type PatchFieldSpec = z.infer<typeof PatchFieldSpec>;

/** The same file serves a person at a desk and a release. */
export const PatchSpec = z.strictObject({ fields: z.array(PatchFieldSpec).min(1).max(1000) });
export type PatchSpec = z.infer<typeof PatchSpec>;

/** A number of a range as its field takes it: bytes get hexadecimal digits for their whole length, all others decimal ones. */
export function numberFor(field: Pick<PatchFieldSpec, "kind" | "length">, number: string): string {
  if (field.kind !== "bytes") return number;
  return BigInt(number)
    .toString(16)
    .padStart(2 * field.length, "0");
}
