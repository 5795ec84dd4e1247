import { hex32 } from "../errors.ts";
import type { MemoryLayout } from "../layout/layout.ts";
import { sectorsOf } from "../layout/memory.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import { FAMILIES } from "../parts/families.ts";
import type { Family, Part } from "../parts/part.ts";
import { PARTS } from "../parts/parts.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { withQuirks } from "./with-quirks.ts";

/** How the chip was recognised; the ROM gives no device id over DFU (rule 13, docs/protocol.md). */
export interface ChipIdentity {
  /** Part table name, e.g. "STM32F407"; the layout's name where no part matches. */
  readonly chip: string;
  readonly match: "class" | "part" | "none";
  readonly evidence: readonly string[];
}

/** Which parts a unit may be. Parts with the same strings cannot be told apart over USB. */
export interface Identification extends ChipIdentity {
  /** The first candidate; undefined when none matches. */
  readonly part: Part | undefined;
  readonly candidates: readonly Part[];
  /** Undefined when no part matches, and when the candidates' families have different rules. */
  readonly family: Family | undefined;
}

/** Layout of an alternate, or undefined when its string cannot be understood. */
export function layoutOf(name: string): MemoryLayout | undefined {
  try {
    return parseMemoryLayout(name);
  } catch {
    return undefined;
  }
}

/** By its name: "@Option Bytes", on U0 "@OB Bytes". */
export const isOptionBytes = (name: string): boolean => /option|\bOB\b/i.test(name);

/** Sector addresses and sizes as one comparable text; blanks and zero padding in the strings do not count. */
const geometry = (layout: MemoryLayout): string =>
  sectorsOf(layout)
    .map((sector) => `${sector.address}:${sector.size}`)
    .join(",");

const GEOMETRIES: ReadonlyMap<Part, readonly string[]> = new Map(
  PARTS.map((part) => [part, part.layouts.map((text) => geometry(parseMemoryLayout(text)))]),
);

/**
 * Which class the descriptors show. The ROM gives no device id over DFU, so this is never more than "class matched"
 * (rule 13, docs/protocol.md). All three alternates of G0B1 ROMs repeat the flash string, so "no option bytes" is a feature too.
 */
export function identify(seenAs: DeviceDescriptors): Identification {
  const descriptors = withQuirks(seenAs);
  const named = descriptors.alternates.map(({ name }) => ({ name, layout: layoutOf(name) }));
  const flash = named.find(({ name, layout }) => layout !== undefined && !isOptionBytes(name));
  const options = named.find(({ name, layout }) => layout !== undefined && isOptionBytes(name));
  const optionBytes = options?.layout?.zones[0]?.address;
  const evidence = [
    ...(flash === undefined ? [] : [`layout ${flash.name.trim()}`]),
    ...(descriptors === seenAs ? [] : ["a known fault of its strings put right"]),
    optionBytes === undefined
      ? "no option-bytes alternate"
      : `option bytes at ${hex32(optionBytes)}`,
    `bcdDevice ${descriptors.bcdDevice.toString(16).padStart(4, "0")}`,
    `wTransferSize ${descriptors.functional?.transferSize ?? "missing"}`,
  ];
  const seen = flash?.layout === undefined ? "" : geometry(flash.layout);
  const transferSize = descriptors.functional?.transferSize;
  const alike = PARTS.filter(
    (part) => GEOMETRIES.get(part)?.includes(seen) && part.transferSize === transferSize,
  );
  const published = alike.filter((part) => part.optionBytes === optionBytes);
  const candidates =
    published.length > 0 || optionBytes === undefined
      ? published
      : alike.filter((part) => part.optionBytes === "unpublished");
  const part = candidates[0];
  return {
    chip:
      part === undefined
        ? (flash?.layout?.name ?? "unknown")
        : candidates.map((candidate) => candidate.name).join("/"),
    match: part === undefined ? "none" : "class",
    evidence,
    part,
    candidates,
    family: commonFamily(candidates),
  };
}

/** The classes that a unit may be of: the one that was named, where it fits, or all that its descriptors fit. */
export function partsSeen(descriptors: DeviceDescriptors, chip?: string): readonly Part[] {
  if (chip === undefined) return identify(descriptors).candidates;
  const { part } = chipClassMatches(chip, descriptors);
  return part === undefined ? [] : [part];
}

/**
 * The first candidate's family, if all candidates' flash keeps to the same rules. Where their RDP bytes read differently, as of
 * F1 and F3, none of them is believed.
 */
function commonFamily(candidates: readonly Part[]): Family | undefined {
  const [first, ...others] = candidates.map((part) => FAMILIES[part.family]);
  const same = others.every(
    (family) =>
      family.granule === first?.granule &&
      family.ecc === first.ecc &&
      family.erasedValue === first.erasedValue,
  );
  if (!same || first === undefined) return undefined;
  const { offset, open } = first.readProtection;
  const readAlike = others.every(
    ({ readProtection }) => readProtection.offset === offset && readProtection.open === open,
  );
  return readAlike
    ? first
    : { ...first, readProtection: { ...first.readProtection, offset: undefined } };
}

/** Whether the attached unit is of the chip class that was asked for. */
export interface ChipMatch {
  readonly matches: boolean;
  /** The candidate that fits the wanted name. */
  readonly part: Part | undefined;
  /** One sentence: what was wanted, what is seen, by which evidence. */
  readonly evidence: string;
}

/** "stm32f405rgt6" → "F405RGT6". */
const bare = (name: string): string =>
  name
    .trim()
    .toUpperCase()
    .replace(/^STM32/, "")
    .replace(/^-/, "");

/**
 * Whether the unit can be of the wanted class: "STM32F407", "F405RG", or a family, "STM32F4". A class that the table lacks
 * never matches.
 */
export function chipClassMatches(wanted: string, descriptors: DeviceDescriptors): ChipMatch {
  const seen = identify(descriptors);
  const name = bare(wanted);
  const part = seen.candidates.find(
    (candidate) =>
      candidate.family === name ||
      (name.length >= 4 && candidate.aliases.some((alias) => name.startsWith(alias))),
  );
  const shown =
    seen.candidates.length === 0
      ? `an unknown class (${seen.chip})`
      : `the class ${seen.candidates.flatMap((candidate) => candidate.aliases).join("/")}`;
  return {
    matches: part !== undefined,
    part,
    evidence: `wanted ${wanted}, the unit shows ${shown}: ${seen.evidence.join("; ")}`,
  };
}
