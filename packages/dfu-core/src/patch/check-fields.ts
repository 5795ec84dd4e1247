import { DfuError, hex32 } from "../errors.ts";
import type { CrcField, PatchField } from "./field.ts";

const END_OF_MEMORY = 0x1_0000_0000;
const NAME = /^[A-Za-z][\w.-]{0,63}$/;
const CRC_BYTES = 4;
const MOST_UINT_BYTES = 8;

const refuse = (why: string, address?: number): DfuError =>
  new DfuError("image.patch_spec", why, address === undefined ? {} : { address });

/** Throws `image.patch_spec` for a field that makes no sense by itself, `image.patch_overlap` for two that share an address. */
export function checkFields(fields: readonly PatchField[]): void {
  const names = new Set<string>();
  for (const field of fields) {
    checkField(field);
    if (names.has(field.name)) throw refuse(`two fields have the name ${field.name}`);
    names.add(field.name);
  }
  const sorted = [...fields].sort((a, b) => a.address - b.address);
  sorted.forEach((field, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && before.address + before.length > field.address) {
      throw new DfuError(
        "image.patch_overlap",
        `the fields ${before.name} and ${field.name} share ${hex32(field.address)}`,
        { address: field.address },
      );
    }
  });
  checkCrcOrder(fields);
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

function checkField(field: PatchField): void {
  const { name, address, length } = field;
  if (!NAME.test(name)) {
    throw refuse("a field's name begins with a letter and has at most 64 letters, digits, _ . -");
  }
  if (!isWhole(address, 0, END_OF_MEMORY - 1) || !isWhole(length, 1, END_OF_MEMORY - address)) {
    throw refuse(`field ${name}: expected an address and at least 1 byte below 4 GiB`);
  }
  if (field.kind === "uint" && length > MOST_UINT_BYTES) {
    throw refuse(`field ${name}: a uint of ${length} bytes, at most 8 are possible`, address);
  }
  if ((field.kind === "text" || field.kind === "bytes") && !isFill(field.padding)) {
    throw refuse(`field ${name}: expected a padding of 0 to 255`, address);
  }
  if (field.kind === "crc32") checkCrc(field);
}

const isFill = (value: number | undefined): boolean =>
  value === undefined || isWhole(value, 0, 0xff);

function checkCrc({ name, address, length, crc }: CrcField): void {
  const { from, to, wordBytes, fill } = crc;
  if (length !== CRC_BYTES) {
    throw refuse(`field ${name}: a crc32 has 4 bytes, got ${length}`, address);
  }
  if (!isWhole(from, 0, END_OF_MEMORY) || !isWhole(to, from + 1, END_OF_MEMORY)) {
    throw refuse(`field ${name}: its range goes from ${from} to ${to}, expected from below to`);
  }
  for (const value of [crc.poly, crc.init, crc.xorOut]) {
    if (value !== undefined && !isWhole(value, 0, 0xffffffff)) {
      throw refuse(`field ${name}: poly, init and xorOut have 32 bits`, address);
    }
  }
  if (!isFill(fill)) throw refuse(`field ${name}: expected a fill of 0 to 255`, address);
  if (wordBytes === 4 && (to - from) % 4 !== 0) {
    throw refuse(`field ${name}: ${to - from} bytes are no whole words`, address);
  }
  if (from < address + length && address < to) {
    throw refuse(`field ${name}: its range contains the field itself`, address);
  }
}

/** CRCs are computed in the order of the spec, so a range may hold earlier ones only: a later one would change it again. */
function checkCrcOrder(fields: readonly PatchField[]): void {
  const crcs = fields.filter((field) => field.kind === "crc32");
  crcs.forEach(({ name, crc }, index) => {
    for (const later of crcs.slice(index + 1)) {
      if (crc.from < later.address + later.length && later.address < crc.to) {
        throw refuse(`field ${name} covers ${later.name}; ${later.name} must stand before it`);
      }
    }
  });
}
