import { DfuError, hex32 } from "../errors.ts";
import { layoutOf, partsSeen } from "../identity/identify.ts";
import { withQuirks } from "../identity/with-quirks.ts";
import type { LayoutZone } from "../layout/layout.ts";
import { sectorsOf } from "../layout/memory.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import { type BankMode, type BankRule, bankRulesOf } from "../parts/banks.ts";
import {
  type AlternateSetting,
  type DeviceDescriptors,
  isRunTime,
} from "../protocol/descriptors.ts";
import { flashSizeOf, sectorsOfFlash } from "./flash-size.ts";
import { memoryOf, type UnitMemory } from "./memories.ts";
import { checkHasAlternate, withMemory } from "./overlap.ts";
import type { FlashSector } from "./sectors.ts";

export { type FlashSector, sectorAt } from "./sectors.ts";

/** Memories that are never written by flashing, whatever access they announce (rule 4, docs/protocol.md). */
const RESERVED = /option|\bOB\b|otp|feature|engi/i;
/** "@DATA Memory" of L0 and L1 ROMs. */
const EEPROM = /\bdata\b|eeprom/i;

export interface GeometryOptions {
  readonly descriptors: DeviceDescriptors;
  /** A product's order code limits the flash to its size. */
  readonly chip?: string | undefined;
  /** Bytes of flash, where something better than the descriptor knows. */
  readonly flashSize?: number | undefined;
  /** Sizes the pages where they depend on it; the session makes sure that the unit is in this mode. */
  readonly bankMode?: BankMode | undefined;
  /** The one memory to look at; all of them when not given. */
  readonly alternate?: number | undefined;
}

/** An alternate whose memory is not fully known. */
export interface UnreadMemory {
  readonly alternate: number;
  /** What is wrong with its string, one clause: "the string of alternate 0 was cut: 40 of 114 bytes came". */
  readonly why: string;
}

/** A unit's memories. Every command works on this. */
export interface UnitGeometry {
  /** All sectors of all alternates, by address. */
  readonly sectors: readonly FlashSector[];
  /** The same as memories, in the order of the alternates. */
  readonly memories: readonly UnitMemory[];
  readonly unread: readonly UnreadMemory[];
  /** The entry of `unread` that is, or may be, the memory where images go. */
  readonly missing: UnreadMemory | undefined;
  /**
   * Bytes of flash that the unit shows and that are not among `sectors`, because only the bank mode tells where they lie. 0 where
   * the mode is named.
   */
  readonly untoldBytes: number;
}

/**
 * What the descriptor shows, with known errors put right, cut to the size of the product and with the pages of the bank mode
 * (rule 11, docs/protocol.md). Where alternates repeat one memory (G0B1 and G0C1 ROMs do) the first counts; where they have different memories
 * at the same addresses, the first one's sectors name their rivals. Throws `device.not_dfu` without alternates, `device.not_dfuse` for
 * plain DFU 1.1, `link.enumeration` when no string could be read, `device.layout` when no memory is known, and `usage.argument` for an alternate that the unit does not have.
 */
export function unitGeometry(options: GeometryOptions): UnitGeometry {
  const descriptors = withQuirks(options.descriptors);
  if (descriptors.alternates.length === 0 || descriptors.functional === undefined) {
    throw new DfuError(
      "device.not_dfu",
      "the device has no DFU interface with a functional descriptor",
    );
  }
  if (isRunTime(descriptors)) {
    throw new DfuError(
      "device.not_dfu",
      "the device runs its application: its DFU interface is in run-time mode, and has to be detached first",
    );
  }
  if (speaksPlainDfu(descriptors)) {
    const version = descriptors.functional.dfuVersion.toString(16).padStart(4, "0");
    throw new DfuError(
      "device.not_dfuse",
      `bcdDFUVersion is ${version}, not 011a, and no string describes a memory`,
    );
  }
  if (descriptors.alternates.every(({ name }) => name === "")) {
    throw new DfuError(
      "link.enumeration",
      "none of the unit's strings could be read, so its memory is not known",
    );
  }
  checkHasAlternate(descriptors, options.alternate);
  const { rule, bytes } = flashOf(options);
  let sectors: readonly FlashSector[] = [];
  const memories: UnitMemory[] = [];
  const seen = new Set<string>();
  const unread: UnreadMemory[] = [];
  let main: number | undefined;
  let mainBytes = 0;
  for (const setting of descriptors.alternates) {
    const { alternate, name } = setting;
    const why = whyUnread(setting);
    if (why !== undefined) unread.push(why);
    const layout = layoutOf(name);
    if (layout === undefined) continue;
    const reserved = RESERVED.test(layout.name);
    if (!reserved) main ??= alternate;
    if (alternate !== (options.alternate ?? alternate) || seen.has(name)) continue;
    seen.add(name);
    const isMain = alternate === main;
    const shown = sectorsOf(layout);
    const own = (isMain ? sectorsOfFlash(shown, bytes, rule, options.bankMode) : shown)
      .map((sector): FlashSector => {
        const { readable, erasable, writable } = sector;
        const usable = !reserved && readable && writable;
        const eeprom = usable && !erasable && EEPROM.test(layout.name);
        return { ...sector, alternate, flashable: usable && erasable, eeprom };
      })
      .sort((a, b) => a.address - b.address)
      .filter(({ address }, index, all) => address !== all[index - 1]?.address);
    if (isMain) mainBytes = own.reduce((sum, { size }) => sum + size, 0);
    if (own.length > 0) memories.push(memoryOf(alternate, layout.name, own));
    sectors = withMemory(sectors, own);
  }
  const [first] = unread;
  if (sectors.length === 0 && first !== undefined) throw unreadError(first);
  return {
    sectors,
    memories,
    unread,
    missing: unread.find(
      ({ alternate }) =>
        (main === undefined || alternate <= main) &&
        !RESERVED.test(
          descriptors.alternates.find((one) => one.alternate === alternate)?.name ?? "",
        ),
    ),
    untoldBytes: options.bankMode === undefined ? Math.max(0, bytes - mainBytes) : 0,
  };
}

/** bcdDFUVersion of DfuSe (UM0424, section 3.2). */
const DFUSE_VERSION = 0x011a;

/** Version and strings must both say so: some clones of the ROM announce a wrong version, and a string may not have been read. */
const speaksPlainDfu = ({ functional, alternates }: DeviceDescriptors): boolean =>
  functional !== undefined &&
  functional.dfuVersion !== DFUSE_VERSION &&
  !alternates.some(({ name, cut }) => name.startsWith("@") || cut !== undefined);

/** {@link unitGeometry}'s sectors. */
export const flashGeometry = (options: GeometryOptions): readonly FlashSector[] =>
  unitGeometry(options).sectors;

/** Why not all of a memory is known; undefined where its string is whole and can be understood. */
function whyUnread({ alternate, name, cut }: AlternateSetting): UnreadMemory | undefined {
  const of = `the string of alternate ${alternate}`;
  if (cut !== undefined) {
    const why =
      cut.announced === 0
        ? `${of} could not be read`
        : `${of} was cut: ${cut.received} of ${cut.announced} bytes came`;
    return { alternate, why };
  }
  if (name === "") return { alternate, why: `${of} is empty` };
  try {
    parseMemoryLayout(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof DfuError)) throw error;
    return { alternate, why: `alternate ${alternate}: ${error.message}` };
  }
}

const unreadError = ({ why }: UnreadMemory): DfuError =>
  new DfuError("device.layout", `${why}, so that memory is not fully known`);

/** The error for an address that no sector has. Where a string is missing, neither file nor command is at fault. */
export const outsideError = ({ missing }: UnitGeometry, otherwise: DfuError): DfuError =>
  missing === undefined ? otherwise : unreadError(missing);

/** "0x08000000 to 0x0801ffff (Internal Flash)" for each stretch of memory that is flash. */
export const flashText = ({ memories }: UnitGeometry): string =>
  spansText(memories.filter(({ flashable }) => flashable));

/** The same for all memory that images may go to. */
export const writableText = ({ memories }: UnitGeometry): string =>
  spansText(memories.filter(({ flashable, eeprom }) => flashable || eeprom));

const spansText = (memories: readonly UnitMemory[]): string =>
  memories
    .flatMap(({ name, eeprom, zones }) =>
      zones
        .flatMap((zone) => writableSpans(zone, eeprom))
        .map((span) => `${span} (${name}${eeprom ? ", EEPROM" : ""})`),
    )
    .join(", ");

function writableSpans({ sectors }: LayoutZone, eeprom: boolean): readonly string[] {
  const spans: { from: number; end: number }[] = [];
  for (const { address, count, size, readable, erasable, writable } of sectors) {
    if (!readable || !writable || erasable === eeprom) continue;
    const end = address + count * size;
    const last = spans.at(-1);
    if (last?.end === address) last.end = end;
    else spans.push({ from: address, end });
  }
  return spans.map(({ from, end }) => `${hex32(from)} to ${hex32(end - 1)}`);
}

export interface Flash {
  /** As shown, limited by the product's order code or by a better source. */
  readonly bytes: number;
  /** Undefined where its banks are not known, or differ between the classes that it may be of. */
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
