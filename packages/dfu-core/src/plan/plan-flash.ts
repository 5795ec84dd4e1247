import { DfuError, hex32 } from "../errors.ts";
import type { ChipIdentity } from "../identity/identify.ts";
import { chipClassMatches, identify } from "../identity/identify.ts";
import type { Image, Segment } from "../image/image.ts";
import { eraseFloor } from "../pacing/budgets.ts";
import type { Profile } from "../pacing/profiles.ts";
import type { BankMode } from "../parts/banks.ts";
import { eepromTime, FAMILIES, programTime, UNKNOWN_FAMILY } from "../parts/families.ts";
import type { Family, FamilyName } from "../parts/part.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { byMemory } from "./eeprom.ts";
import {
  type FlashSector,
  flashText,
  outsideError,
  sectorAt,
  type UnitGeometry,
  unitGeometry,
  writableText,
} from "./geometry.ts";
import { meantSector } from "./overlap.ts";
import type { FlashPlan, PlannedRun, PlannedSector, RemainderRule } from "./plan.ts";

/** What a plan is made from. Making it asks nothing of the unit. */
export interface PlanOptions {
  readonly image: Image;
  readonly descriptors: DeviceDescriptors;
  readonly profile: Profile;
  /** Wanted chip class; another one is refused with `device.wrong_chip`. */
  readonly chip?: string | undefined;
  /** Flash rules for a unit whose strings match no part. Given for a unit that matches one, they replace that part's rules. */
  readonly family?: FamilyName | undefined;
  /** `discard` when not given. */
  readonly remainder?: RemainderRule | undefined;
  /** Bytes of flash, where something better than the descriptor knows (rule 11, docs/protocol.md). */
  readonly flashSize?: number | undefined;
  /** The bank mode that the release is for. */
  readonly bankMode?: BankMode | undefined;
  /** The memory that is meant; needed where several of them have the image's addresses. */
  readonly alternate?: number | undefined;
  /** A previous attempt was cut off: nothing may be skipped. */
  readonly knownDirty?: boolean | undefined;
}

/** The two words that a core starts from. While they are erased no half-flashed image runs. Some granules are only 2 bytes. */
const VECTOR_BYTES = 8;
/** One control transfer on a busy bus, for the estimate only. */
const TRANSFER_MS = 1;

export interface ResolvedChip {
  readonly identity: ChipIdentity;
  readonly family: Family;
  /** False where no part shows this layout. */
  readonly known: boolean;
}

/** The unit's class and the rules by which it is flashed. Throws `device.wrong_chip`. */
export function resolveChip(
  descriptors: DeviceDescriptors,
  chip?: string,
  family?: FamilyName,
): ResolvedChip {
  const seen = identify(descriptors);
  const { match, evidence } = seen;
  const known = seen.candidates.length > 0;
  if (chip === undefined) {
    const rules = family ? FAMILIES[family] : (seen.family ?? UNKNOWN_FAMILY);
    return { identity: { chip: seen.chip, match, evidence }, family: rules, known };
  }
  const wanted = chipClassMatches(chip, descriptors);
  if (wanted.part === undefined) throw new DfuError("device.wrong_chip", wanted.evidence);
  return {
    identity: { chip: wanted.part.name, match, evidence },
    family: FAMILIES[family ?? wanted.part.family],
    known,
  };
}

/**
 * What flashing `image` will erase and write, in order; pure. Throws {@link DfuError}: `device.wrong_chip`, `device.layout`,
 * `device.not_dfu`, `image.does_not_fit`, `image.read_only`, `usage.argument` where several memories have an address of the image.
 */
export function planFlash(options: PlanOptions): FlashPlan {
  const { image, descriptors, profile } = options;
  const { identity, family, known } = resolveChip(descriptors, options.chip, options.family);
  const unit = unitGeometry(options);
  const geometry = unit.sectors;
  const deviceTransferSize = descriptors.functional?.transferSize ?? 0;
  const transferSize = blockSize(profile, deviceTransferSize, family.granule);
  const { eeprom, others } =
    family.eeprom === undefined
      ? { eeprom: [], others: image.segments }
      : byMemory(image, geometry, descriptors);
  const touched = touchedSectors(others, descriptors, unit, family);
  const runs = planRuns(others, geometry, family.granule);
  if (runs.length === 0 && eeprom.length === 0) {
    throw new DfuError("image.empty", "the image has no data");
  }
  const sectors = touched.map((sector, index): PlannedSector => {
    const skip = family.ecc || index === 0 ? "skip-if-unchanged" : "skip-if-blank";
    return {
      address: sector.address,
      size: sector.size,
      alternate: sector.alternate,
      erase: options.knownDirty === true ? "erase" : skip,
      remainder: sector.size - covered(others, sector),
    };
  });
  const remainder = options.remainder ?? "discard";
  const written = runs.reduce((sum, run) => sum + run.length, 0);
  const blocks = Math.ceil(written / transferSize);
  const eepromBytes = eeprom.reduce((sum, run) => sum + run.length, 0);
  const transfers =
    blocks * (profile.addressing === "increment" ? 4 : 12) +
    touched.length * 3 +
    (Math.ceil(eepromBytes / transferSize) + eeprom.length) * 20;
  const estimateMs =
    touched.reduce((sum, sector) => sum + eraseFloor(family, sector), 0) +
    programTime(family, written) +
    (family.eeprom === undefined ? 0 : eepromTime(family.eeprom, eepromBytes)) +
    transfers * (TRANSFER_MS + profile.gapMs);
  return {
    chip: identity.chip,
    family: family === UNKNOWN_FAMILY ? "unknown" : family.name,
    granule: family.granule,
    erasedValue: family.erasedValue,
    deviceTransferSize,
    transferSize,
    profile: profile.name,
    remainder,
    ...(options.bankMode === undefined ? {} : { bankMode: options.bankMode }),
    sectors,
    runs,
    eeprom,
    seal: sealOf(runs[0], touched[0], family.granule),
    imageBytes: image.bytes,
    estimateMs: Math.ceil(estimateMs),
    warnings: [
      ...image.warnings,
      ...(!known && options.family === undefined
        ? [`no known part shows this layout (${identity.chip}); the strictest rules are used`]
        : []),
    ],
  };
}

/** The first granule of the first run. */
function sealOf(
  first: PlannedRun | undefined,
  sector: FlashSector | undefined,
  granule: number,
): PlannedRun | undefined {
  if (first === undefined || sector === undefined) return undefined;
  const { address, alternate } = first;
  const length = Math.min(
    Math.max(granule, VECTOR_BYTES),
    first.length,
    sector.address + sector.size - address,
  );
  return { address, length, alternate };
}

/** Bytes of a full block: at most the profile's and the device's, whole granules. */
export function blockSize(profile: Profile, deviceTransferSize: number, granule: number): number {
  const most = Math.min(profile.transferSize, deviceTransferSize);
  const size = most - (most % granule);
  if (size === 0) {
    throw new DfuError(
      "device.protocol",
      `wTransferSize ${deviceTransferSize} is less than one granule of ${granule} bytes`,
    );
  }
  return size;
}

/** The memory that the unit has, and whether naming its bank mode would tell more of it. */
function hintOf(unit: UnitGeometry, { eeprom }: Family): string {
  const has = eeprom === undefined ? flashText(unit) : writableText(unit);
  const mode =
    unit.untoldBytes > 0 ? "; with its bank mode named, more of this unit's memory is known" : "";
  return has === "" ? mode : `; the unit has ${has}${mode}`;
}

function touchedSectors(
  segments: readonly Segment[],
  descriptors: DeviceDescriptors,
  unit: UnitGeometry,
  family: Family,
): readonly FlashSector[] {
  const touched = new Set<FlashSector>();
  for (const { address, data } of segments) {
    for (let at = address; at < address + data.length; ) {
      const sector = meantSector(unit.sectors, at, descriptors);
      if (sector === undefined) {
        const has = `${hex32(address)} to ${hex32(address + data.length - 1)}`;
        const why = `${hex32(at)} is outside the unit's memory; the image has ${has}${hintOf(unit, family)}`;
        throw outsideError(unit, new DfuError("image.does_not_fit", why, { address: at }));
      }
      if (!sector.flashable) {
        throw new DfuError(
          "image.read_only",
          `${hex32(at)} lies in ${nameOf(unit, sector)}, which is read-only, option bytes or OTP and is never flashed${hintOf(unit, family)}`,
          { address: at },
        );
      }
      touched.add(sector);
      at = sector.address + sector.size;
    }
  }
  return [...touched].sort((a, b) => a.address - b.address);
}

const nameOf = ({ memories }: UnitGeometry, { alternate }: FlashSector): string =>
  memories.find((memory) => memory.alternate === alternate)?.name ?? `alternate ${alternate}`;

const covered = (segments: readonly Segment[], sector: FlashSector): number =>
  segments.reduce((sum, { address, data }) => {
    const from = Math.max(address, sector.address);
    const to = Math.min(address + data.length, sector.address + sector.size);
    return sum + Math.max(0, to - from);
  }, 0);

/** Whole granules that cover the segments; parts that share or touch a granule of one alternate are one run (rule 6, docs/protocol.md). */
function planRuns(
  segments: readonly Segment[],
  geometry: readonly FlashSector[],
  granule: number,
): readonly PlannedRun[] {
  const runs: PlannedRun[] = [];
  for (const { address, data } of segments) {
    for (let at = address; at < address + data.length; ) {
      const sector = sectorAt(geometry, at);
      if (sector === undefined) throw new DfuError("internal.bug", `no sector at ${hex32(at)}`);
      const stop = Math.min(address + data.length, sector.address + sector.size);
      const start = at - ((at - sector.address) % granule);
      const overhang = (stop - sector.address) % granule;
      const end = Math.min(
        overhang === 0 ? stop : stop - overhang + granule,
        sector.address + sector.size,
      );
      const last = runs.at(-1);
      if (
        last !== undefined &&
        last.alternate === sector.alternate &&
        start <= last.address + last.length
      ) {
        const length = Math.max(last.length, end - last.address);
        runs[runs.length - 1] = { ...last, length };
      } else {
        runs.push({ address: start, length: end - start, alternate: sector.alternate });
      }
      at = stop;
    }
  }
  return runs;
}
