import { DEFAULT_ADDRESS, type FlashReport, type UnitInfo, unitInfo } from "@flashline/dfu-core";
import { Refusal } from "../refusal.ts";
import { hex32 } from "../terminal/units.ts";
import type { Attempt } from "./attempt.ts";

export interface ReadRange {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

export interface WantedRange extends Partial<ReadRange> {
  /** Alternate setting. */
  readonly alt?: number;
}

/**
 * What a person left open, from the unit's own list of memories: without an address from the start of the flash, or of the
 * alternate that is named; without a length to the end of that memory. The report where the unit cannot be asked. Throws a
 * Refusal for an alternate or a memory that it does not have.
 */
export async function rangeToRead(
  attempt: Attempt,
  wanted: WantedRange,
): Promise<ReadRange | FlashReport> {
  const { alt } = wanted;
  const address = wanted.address ?? (alt === undefined ? DEFAULT_ADDRESS : undefined);
  if (address !== undefined && wanted.length !== undefined)
    return { address, length: wanted.length };
  const { info, ...report } = await unitInfo({
    transport: attempt.transport,
    clock: attempt.clock,
  });
  if (info === undefined) return report;
  const zones = zonesOf(info, alt);
  const from = address ?? zones[0]?.from ?? DEFAULT_ADDRESS;
  if (wanted.length !== undefined) return { address: from, length: wanted.length };
  const zone = zones.find((place) => from >= place.from && from < place.end);
  if (zone !== undefined) return { address: from, length: zone.end - from };
  throw new Refusal(
    "usage.range",
    `The unit names no memory at ${hex32(from)}; say --length to read there.`,
    { hint: `It names:\n${shown(info)}` },
  );
}

function zonesOf({ memories, ...info }: UnitInfo, alt: number | undefined) {
  const asked = memories.filter(({ alternate }) => alt === undefined || alternate === alt);
  if (asked.length === 0)
    throw new Refusal("usage.argument", `The unit has no memory with the alternate ${alt}.`, {
      hint: `It names:\n${shown({ memories, ...info })}`,
    });
  return asked.flatMap(({ zones }) =>
    zones.map(({ address, sectors }) => {
      const size = sectors.reduce((sum, part) => sum + part.count * part.size, 0);
      return { from: address, end: address + size };
    }),
  );
}

const shown = ({ memories }: UnitInfo): string =>
  memories
    .flatMap(({ alternate, name, zones }) =>
      zones.map(({ address }) => `  alternate ${alternate}  ${hex32(address)}  ${name}`),
    )
    .join("\n");
