import { DfuError } from "../errors.ts";
import { chipClassMatches, identify, isOptionBytes, layoutOf } from "../identity/identify.ts";
import type { FamilyName } from "../parts/part.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import type { OptionSchema } from "./schema.ts";
import { schemaFor } from "./schemas.ts";

export interface OptionZone {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

export interface OptionMemory {
  readonly alternate: number;
  readonly zones: readonly OptionZone[];
  /** Undefined where no table knows these zones; then they can be read, and nothing else. */
  readonly schema: OptionSchema | undefined;
}

/** What is known of the chip beforehand. */
interface ChipHint {
  readonly chip?: string;
  readonly family?: FamilyName;
}

/** Larger "option bytes" belong to clones and are not read whole. */
const LARGEST_ZONE = 1024;

/** Where the unit shows option bytes, whatever they mean there. */
export function optionZonesOf(descriptors: DeviceDescriptors): readonly OptionZone[] {
  const found = descriptors.alternates.find(({ name }) => isOptionBytes(name));
  const zones = found && layoutOf(found.name)?.zones;
  return (zones ?? []).map(({ address, sectors }) => ({
    address,
    length: sectors.reduce((sum, { count, size }) => sum + count * size, 0),
  }));
}

/**
 * Where the unit shows its option bytes. Throws `options.not_shown` where it shows none (all alternates of G0B1 and G0C1 repeat
 * the flash), and `options.unknown` where the descriptors fit several families and no chip was named: what a bit means differs
 * between them.
 */
export function locateOptions(descriptors: DeviceDescriptors, chip: ChipHint): OptionMemory {
  const found = descriptors.alternates.find(({ name }) => isOptionBytes(name));
  const zones = optionZonesOf(descriptors);
  if (found === undefined || zones.length === 0) {
    const names = [...new Set(descriptors.alternates.map(({ name }) => name.trim()))];
    throw new DfuError(
      "options.not_shown",
      `this ROM does not show its option bytes: all its memories are ${names.join(", ")}`,
    );
  }
  const largest = zones.find(({ length }) => length > LARGEST_ZONE);
  if (largest !== undefined) {
    throw new DfuError("options.unknown", `${found.name} is too large for option bytes`);
  }
  const family = familyOf(descriptors, chip);
  const addresses = zones.map(({ address }) => address);
  return { alternate: found.alternate, zones, schema: family && schemaFor(family, addresses) };
}

function familyOf(descriptors: DeviceDescriptors, chip: ChipHint): FamilyName | undefined {
  if (chip.family !== undefined) return chip.family;
  const named = chip.chip === undefined ? undefined : chipClassMatches(chip.chip, descriptors).part;
  if (named !== undefined) return named.family;
  const { candidates } = identify(descriptors);
  const families = new Set(candidates.map(({ family }) => family));
  if (families.size > 1) {
    const names = candidates.map(({ name }) => name).join(" or ");
    throw new DfuError("options.unknown", `the unit may be ${names}; name its chip`);
  }
  return candidates[0]?.family;
}

/** The memory's table. Throws `options.unknown`. */
export function schemaOf({ schema, zones }: OptionMemory): OptionSchema {
  if (schema !== undefined) return schema;
  const places = zones.map(({ address }) => `0x${address.toString(16)}`).join(", ");
  throw new DfuError("options.unknown", `no table knows the option bytes at ${places}`);
}

/** The memory's table, where it may be written by it. Throws `options.unknown`. */
export function writableSchemaOf(memory: OptionMemory): OptionSchema {
  const schema = schemaOf(memory);
  if (schema.readOnly !== true) return schema;
  throw new DfuError(
    "options.unknown",
    `option bytes of ${schema.name} are shown, and never written`,
  );
}
