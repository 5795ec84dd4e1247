import { DfuError } from "../errors.ts";
import { type OptionField, type OptionRegister, type OptionSchema, RDP } from "./schema.ts";

/** The option bytes as read, one block a zone. */
export type OptionBlocks = readonly Uint8Array[];

/** One named field of the option bytes as it was read. `width` is in bits. */
export interface OptionValue {
  readonly name: string;
  readonly value: number;
  readonly width: number;
  /** "level 1" for RDP; undefined where the number needs no explanation. */
  readonly meaning: string | undefined;
}

const MASK = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

const numberAt = (block: Uint8Array, offset: number, bytes: number): number =>
  block.subarray(offset, offset + bytes).reduceRight((value, byte) => value * 256 + byte, 0);

function putNumber(block: Uint8Array, offset: number, bytes: number, value: number): void {
  for (let index = 0; index < bytes; index += 1) {
    block[offset + index] = Math.floor(value / 256 ** index) % 256;
  }
}

/** Bytes from the start of a register to the end of its complement or programming twin. */
function endOf(register: OptionRegister): number {
  const own = register.offset + register.bytes;
  if (register.programOffset !== undefined) return register.programOffset + register.bytes;
  return register.complement === "stored" ? own + register.bytes : own;
}

/** The registers that the unit's blocks are long enough for: some ROMs show less than the chip has. */
const visible = (schema: OptionSchema, blocks: OptionBlocks): readonly OptionRegister[] =>
  schema.registers.filter((register) => (blocks[register.zone]?.length ?? 0) >= endOf(register));

export function visibleFields(schema: OptionSchema, blocks: OptionBlocks): readonly OptionField[] {
  const names = new Set(visible(schema, blocks).map(({ name }) => name));
  return schema.fields.filter(({ register }) => names.has(register));
}

const wordOf = (block: Uint8Array, register: OptionRegister): number =>
  numberAt(block, register.offset, register.bytes);

/** Registers whose stored complement does not match, by name. */
export const complementErrors = (schema: OptionSchema, blocks: OptionBlocks): readonly string[] =>
  visible(schema, blocks)
    .filter((register) => {
      const block = blocks[register.zone];
      if (block === undefined || register.complement === "none") return false;
      const inverse = numberAt(block, register.offset + register.bytes, register.bytes);
      return wordOf(block, register) + inverse !== MASK[register.bytes];
    })
    .map(({ name }) => name);

/** One bit of a register, whether a field names it or not; 0 where the blocks end before it. */
export function registerBit(
  schema: OptionSchema,
  blocks: OptionBlocks,
  name: string,
  bit: number,
): 0 | 1 {
  const register = visible(schema, blocks).find((one) => one.name === name);
  const block = register && blocks[register.zone];
  if (register === undefined || block === undefined) return 0;
  return Math.floor(wordOf(block, register) / 2 ** bit) % 2 === 1 ? 1 : 0;
}

function fieldValue(schema: OptionSchema, blocks: OptionBlocks, field: OptionField): number {
  const register = schema.registers.find(({ name }) => name === field.register);
  const block = register && blocks[register.zone];
  if (register === undefined || block === undefined)
    throw new DfuError("internal.bug", `no register ${field.register}`);
  return Math.floor(wordOf(block, register) / 2 ** field.bit) % 2 ** field.width;
}

/** 0, 0.5, 1 or 2. */
export function rdpLevel(schema: OptionSchema, value: number): number {
  if (value === schema.rdp.open) return 0;
  if (value === schema.rdp.half) return 0.5;
  return value === schema.rdp.permanent ? 2 : 1;
}

export const decodeOptions = (schema: OptionSchema, blocks: OptionBlocks): readonly OptionValue[] =>
  visibleFields(schema, blocks).map((field) => {
    const value = fieldValue(schema, blocks, field);
    const meaning =
      field.name === RDP ? `level ${rdpLevel(schema, value)}` : field.meanings?.[value];
    return { name: field.name, value, width: field.width, meaning };
  });

/**
 * The blocks with these fields changed. Everything else stays as it was, reserved bits too; complements and programming twins
 * follow. `changes` are whole field values. Nothing is checked here.
 */
export function encodeOptions(
  schema: OptionSchema,
  blocks: OptionBlocks,
  changes: ReadonlyMap<string, number>,
): OptionBlocks {
  const next = blocks.map((block) => block.slice());
  for (const register of visible(schema, blocks)) {
    const block = next[register.zone];
    if (block === undefined) continue;
    let word = wordOf(block, register);
    for (const field of schema.fields) {
      const wanted = field.register === register.name ? changes.get(field.name) : undefined;
      if (wanted === undefined) continue;
      const present = Math.floor(word / 2 ** field.bit) % 2 ** field.width;
      word += (wanted - present) * 2 ** field.bit;
    }
    putNumber(block, register.programOffset ?? register.offset, register.bytes, word);
    if (register.complement === "stored") {
      const inverse = MASK[register.bytes] - word;
      putNumber(block, register.offset + register.bytes, register.bytes, inverse);
    }
  }
  return next;
}
