import type { FamilyName } from "../parts/part.ts";

/**
 * Second confirmations, by name. Each stands for something that cannot be undone or that takes the unit out of reach (rule 16,
 * docs/protocol.md).
 */
export const CONFIRMATIONS = [
  "rdp2",
  "boot-lock",
  "tzen",
  "bank-swap",
  "pcrop",
  "boot-selection",
  "write-protection",
] as const;
/** What a person must confirm by name before it is written, because it cannot be undone. */
export type Confirmation = (typeof CONFIRMATIONS)[number];

/** Bytes of an option block that belong together, little endian. */
export interface OptionRegister {
  readonly name: string;
  /** Index into {@link OptionSchema.zones}. */
  readonly zone: number;
  /** Where it is read, from the start of the zone. */
  readonly offset: number;
  readonly bytes: 1 | 2 | 4;
  /** `stored`: the bytes are followed by their complement, which must match and is written along. */
  readonly complement: "stored" | "none";
  /** Where it is written, when not where it is read (H7: current and programmed value have a register each). */
  readonly programOffset?: number;
}

export interface OptionField {
  /** As the reference manual and ST's programmer call it. */
  readonly name: string;
  readonly register: string;
  readonly bit: number;
  /** Bits. */
  readonly width: number;
  readonly confirm?: Confirmation;
  /** What a value means, where a number alone does not say it. */
  readonly meanings?: Readonly<Record<number, string>>;
}

/** Values of the RDP field; every other one is level 1. */
export interface RdpLevels {
  readonly open: number;
  /** Level 0.5, where there is one. */
  readonly half?: number;
  /** Level 2; F1 has none. */
  readonly permanent?: number;
}

interface WriteProtectionOf {
  /** Bits that change what the fields mean (PCROP in their place, banks swapped): with one of them set nothing is said. */
  readonly unless?: readonly { readonly register: string; readonly bit: number }[];
  /** True where the documents allow a refusal before the first erase. Otherwise the fields only explain a sector that failed. */
  readonly sure: boolean;
}

/** First and last page of a protected area; none where the first is above the last. */
export type Area = readonly [start: string, end: string];

/** Which sectors the option bytes protect against erasing and writing. Bits protect with 0. */
export type WriteProtection = WriteProtectionOf &
  (
    | { readonly kind: "areas" /** By bank. */; readonly areas: readonly (readonly Area[])[] }
    | {
        /** A bit a sector, in the order of the bank's sectors. */
        readonly kind: "sectors";
        /** By bank. */
        readonly fields: readonly (readonly string[])[];
        /** In the other mode a bit means something else. */
        readonly singleBankOnly?: true;
      }
    | {
        /** A bit for so many bytes, the last one for all that follows. */
        readonly kind: "bytes";
        readonly bytes: number;
        readonly fields: readonly string[];
      }
  );

/** How one class of chips shows its option bytes over DFU. */
export interface OptionSchema {
  readonly name: string;
  readonly family: FamilyName;
  /** Start addresses of the option-bytes alternate's zones, in its order. */
  readonly zones: readonly number[];
  readonly registers: readonly OptionRegister[];
  /** Bits that no field names are reserved: they are written back as they were read. */
  readonly fields: readonly OptionField[];
  readonly rdp: RdpLevels;
  /** Setting RDP from the bootloader takes full effect only after power-off (RM0490, section 4.5.1). */
  readonly rdpNeedsPowerCycle: boolean;
  readonly writeProtection?: WriteProtection;
  /** Known well enough to be shown and compared, not to be written. */
  readonly readOnly?: true;
  /** Where the facts come from; "unchecked" marks what no document at hand confirms. */
  readonly source: string;
}

export const RDP = "RDP";

const WORD = { bytes: 4, complement: "none" } as const;

/** A word followed by its complement: L4, G0, G4. */
export const doubled = (name: string, offset: number, zone = 0): OptionRegister => ({
  ...WORD,
  name,
  zone,
  offset,
  complement: "stored",
});

/** A memory-mapped register: L5. */
export const mapped = (name: string, offset: number): OptionRegister => ({
  ...WORD,
  name,
  zone: 0,
  offset,
});

/** A pair of registers, current and to be programmed: H7. */
export const paired = (name: string, offset: number): OptionRegister => ({
  ...mapped(name, offset),
  programOffset: offset + 4,
});

/** "WRP1A" for the fields WRP1A_STRT and WRP1A_END. */
export const areas = (...names: readonly string[]): readonly Area[] =>
  names.map((name) => [`${name}_STRT`, `${name}_END`]);

/** "NAME@bit" or "NAME@bit+width", blank separated; all of one register. */
export function fields(
  register: string,
  list: string,
  confirm?: Confirmation,
): readonly OptionField[] {
  return list.split(" ").map((item) => {
    const [name = "", place = "0"] = item.split("@");
    const [bit = "0", width = "1"] = place.split("+");
    return {
      name,
      register,
      bit: Number(bit),
      width: Number(width),
      ...(confirm === undefined ? {} : { confirm }),
    };
  });
}
