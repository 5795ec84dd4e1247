import { DfuError } from "../errors.ts";
import { type Sector, sectorsOf } from "../layout/memory.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import { type BankMode, type BankRule, bankRulesOf } from "../parts/banks.ts";
import { layoutOf, partsSeen } from "../parts/identify.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { withQuirks } from "../quirks/layout.ts";
import { flashSizeOf, sectorsOfFlash } from "./flash-size.ts";

export interface FlashSector extends Sector {
  readonly alternate: number;
  /** True where images may go: erasable, writable and readable memory that is neither option bytes nor OTP. */
  readonly flashable: boolean;
}

/** Memories that are never written by flashing, whatever access they announce (engine rule 4). */
const RESERVED = /option|\bOB\b|otp|feature|engi/i;

export interface GeometryOptions {
  readonly descriptors: DeviceDescriptors;
  /** A product's order code limits the flash to its size. */
  readonly chip?: string | undefined;
  /** Bytes of flash, where something better than the descriptor knows. */
  readonly flashSize?: number | undefined;
  /** Sizes the pages where they depend on it; the session makes sure that the unit is in this mode. */
  readonly bankMode?: BankMode | undefined;
}

/**
 * All sectors of all alternates, by address: what the descriptor shows, cut to the size of the product and with the pages of
 * the bank mode (engine rule 11). Where alternates repeat one memory (G0B1 and G0C1 ROMs do) the first counts. Throws
 * `device.not_dfu` without alternates, `link.enumeration` when no string could be read, and `device.layout` when none can be
 * understood.
 */
export function flashGeometry(options: GeometryOptions): readonly FlashSector[] {
  const descriptors = withQuirks(options.descriptors);
  if (descriptors.alternates.length === 0 || descriptors.functional === undefined) {
    throw new DfuError(
      "device.not_dfu",
      "the device has no DFU interface with a functional descriptor",
    );
  }
  if (descriptors.alternates.every(({ name }) => name === "")) {
    throw new DfuError(
      "link.enumeration",
      "none of the unit's strings could be read, so nobody knows its memory",
    );
  }
  const { rule, bytes } = flashOf(options);
  const byAddress = new Map<number, FlashSector>();
  let refusal: DfuError | undefined;
  let main: number | undefined;
  for (const { alternate, name } of descriptors.alternates) {
    try {
      const layout = parseMemoryLayout(name);
      const reserved = RESERVED.test(layout.name);
      if (!reserved) main ??= alternate;
      const isMain = alternate === main;
      const shown = sectorsOf(layout);
      const sectors = isMain ? sectorsOfFlash(shown, bytes, rule, options.bankMode) : shown;
      for (const sector of sectors) {
        if (byAddress.has(sector.address)) continue;
        const { readable, erasable, writable } = sector;
        const flashable = !reserved && readable && erasable && writable;
        byAddress.set(sector.address, { ...sector, alternate, flashable });
      }
    } catch (error) {
      if (!(error instanceof DfuError)) throw error;
      refusal ??= error;
    }
  }
  if (byAddress.size === 0 && refusal !== undefined) throw refusal;
  return [...byAddress.values()].sort((a, b) => a.address - b.address);
}

export interface Flash {
  /** As shown, and at most what the product's order code or something better promises. */
  readonly bytes: number;
  /** Undefined where nothing is known of its banks, or the classes that it may be of differ. */
  readonly rule: BankRule | undefined;
  readonly ambiguous: boolean;
}

/** The size of the unit's flash, and how it is divided into banks. */
export function flashOf({ descriptors, chip, flashSize }: GeometryOptions): Flash {
  const main = withQuirks(descriptors)
    .alternates.map(({ name }) => layoutOf(name))
    .find((layout) => layout !== undefined && !RESERVED.test(layout.name));
  const bytes = Math.min(
    main === undefined ? 0 : sectorsOf(main).reduce((sum, { size }) => sum + size, 0),
    flashSize ?? Number.POSITIVE_INFINITY,
    (chip === undefined ? undefined : flashSizeOf(chip)) ?? Number.POSITIVE_INFINITY,
  );
  const rules = bankRulesOf(partsSeen(descriptors, chip));
  const ambiguous = rules.length > 1;
  return { bytes, rule: ambiguous ? undefined : rules[0], ambiguous };
}

/** The sector that contains `address`, by bisection of {@link flashGeometry}'s result. */
export function sectorAt(
  sectors: readonly FlashSector[],
  address: number,
): FlashSector | undefined {
  let low = 0;
  let high = sectors.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sectors[middle]?.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const found = sectors[low - 1];
  return found !== undefined && address < found.address + found.size ? found : undefined;
}
