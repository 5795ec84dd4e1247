import { decodeOptions, type OptionBlocks, type OptionValue, registerBit } from "./codec.ts";
import type { Area, OptionSchema } from "./schema.ts";

/** How the unit's flash is divided, as its own option bytes have it. */
export interface FlashBanks {
  /** Each bank's sectors by address, as the descriptor shows them. */
  readonly banks: readonly (readonly Range[])[];
  /** Bytes of a page where the mode sizes them, which `banks` may not know. */
  readonly pageBytes: number | undefined;
}

export interface Range {
  readonly address: number;
  readonly size: number;
}

/** A field that protects a sector, and the value with which it protects none. */
export interface Guard {
  readonly name: string;
  readonly value: number;
  readonly open: number;
}

/** The fields that protect the sector against writing; empty where no field does, or where the table cannot tell. */
export function guardsOf(
  schema: OptionSchema,
  blocks: OptionBlocks,
  { banks, pageBytes }: FlashBanks,
  sector: Range,
): readonly Guard[] {
  const { writeProtection: rule } = schema;
  const at = banks.findIndex((bank) => bank.some((one) => contains(one, sector.address)));
  const bank = banks[at];
  const base = bank?.[0];
  if (rule === undefined || bank === undefined || base === undefined) return [];
  const changed = rule.unless?.some(
    ({ register, bit }) => registerBit(schema, blocks, register, bit) === 1,
  );
  if (changed === true) return [];
  const values = new Map(decodeOptions(schema, blocks).map((value) => [value.name, value]));
  const from = sector.address - base.address;
  const to = from + sector.size - 1;
  if (rule.kind === "areas") {
    // In single bank mode all areas are of the one bank (OpenOCD stm32l4x.c, F_USE_ALL_WRPXX).
    const areas = banks.length === 1 ? rule.areas.flat() : (rule.areas[at] ?? []);
    const page = pageBytes ?? base.size;
    const mask = pageMask(bank, page);
    return areas.flatMap((area) =>
      areaOver(area, values, mask, Math.floor(from / page), Math.floor(to / page)),
    );
  }
  if (rule.kind === "sectors") {
    if (banks.length > 1 && rule.singleBankOnly === true) return [];
    const index = bank.findIndex((one) => contains(one, sector.address));
    return clearBits(rule.fields[at] ?? [], values).flatMap((field, bit) =>
      field !== undefined && bit === index ? [guard(field, "ones")] : [],
    );
  }
  const bits = clearBits(rule.fields, values);
  const bitAt = (offset: number) => Math.min(Math.floor(offset / rule.bytes), bits.length - 1);
  const fields = bits.slice(bitAt(from), bitAt(to) + 1).filter((field) => field !== undefined);
  return [...new Set(fields)].map((field) => guard(field, "ones"));
}

const contains = ({ address, size }: Range, at: number): boolean =>
  at >= address && at < address + size;

function areaOver(
  [startName, endName]: Area,
  values: ReadonlyMap<string, OptionValue>,
  mask: number,
  firstPage: number,
  lastPage: number,
): readonly Guard[] {
  const [start, end] = [values.get(startName), values.get(endName)];
  if (start === undefined || end === undefined) return [];
  const [first, last] = [start.value & mask, end.value & mask];
  const over = first <= last && first <= lastPage && last >= firstPage;
  return over ? [guard(start, "ones"), guard(end, "zeros")] : [];
}

/** For each bit of all fields, lowest first: the field where the bit is 0. A 0 protects. */
const clearBits = (
  names: readonly string[],
  values: ReadonlyMap<string, OptionValue>,
): readonly (OptionValue | undefined)[] =>
  names
    .flatMap((name) => values.get(name) ?? [])
    .flatMap((field) =>
      Array.from({ length: field.width }, (_, bit) =>
        Math.floor(field.value / 2 ** bit) % 2 === 0 ? field : undefined,
      ),
    );

const guard = ({ name, value, width }: OptionValue, open: "ones" | "zeros"): Guard => ({
  name,
  value,
  open: open === "ones" ? 2 ** width - 1 : 0,
});

/** Bits of a page number that a bank of this size has; the others read as 0 on some parts and as 1 on others (OpenOCD stm32l4x.c). */
function pageMask(bank: readonly Range[], page: number): number {
  const pages = bank.reduce((sum, { size }) => sum + size, 0) / page;
  return 2 ** Math.ceil(Math.log2(Math.max(1, pages))) - 1;
}
