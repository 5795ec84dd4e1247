import { DEFAULT_ADDRESS, type FlashReport, type UnitInfo, unitInfo } from "@flashline/dfu-core";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { hex32, sizeText } from "../terminal/units.ts";
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

/** What is to be read, or why the unit could not be asked. */
export type RangeToRead =
  | {
      readonly kind: "range";
      readonly range: ReadRange;
      /** Why the unit may have more than that; undefined where a person said the range, or all of it is known. */
      readonly more: string | undefined;
    }
  | { readonly kind: "failed"; readonly report: FlashReport };

/**
 * What a person left open, from the unit's own list of memories: without an address from the start of the flash, or of the
 * alternate that is named; without a length to the end of that memory. Throws a Refusal for an alternate or a memory that it
 * does not have.
 */
export async function rangeToRead(
  attempt: Attempt,
  wanted: WantedRange,
  chip: string | undefined,
): Promise<RangeToRead> {
  const { alt } = wanted;
  const address = wanted.address ?? (alt === undefined ? DEFAULT_ADDRESS : undefined);
  if (address !== undefined && wanted.length !== undefined)
    return { kind: "range", range: { address, length: wanted.length }, more: undefined };
  const { info, ...report } = await unitInfo({
    // Its events are not told: for a reader the one command is one attempt.
    transport: attempt.transport,
    clock: attempt.clock,
    signal: attempt.signal,
    stop: attempt.stop,
    ...defined({ chip }),
  });
  if (info === undefined) return { kind: "failed", report };
  const zones = zonesOf(info, alt);
  const from = address ?? zones[0]?.from ?? DEFAULT_ADDRESS;
  if (wanted.length !== undefined) {
    const range = { address: from, length: wanted.length };
    return { kind: "range", range, more: undefined };
  }
  const zone = zones.find((place) => from >= place.from && from < place.end);
  if (zone !== undefined) {
    const range = { address: from, length: zone.end - from };
    return { kind: "range", range, more: moreThan(info, zone) };
  }
  const why = info.unread.map((one) => ` ${capital(one.why)}.`).join("");
  throw new Refusal(
    "usage.range",
    `The unit names no memory at ${hex32(from)}; say --alt and --length to read there.${why}`,
    { hint: `It names:\n${shown(info)}` },
  );
}

interface Zone {
  readonly alternate: number;
  readonly flashable: boolean;
  readonly from: number;
  readonly end: number;
}

function zonesOf(info: UnitInfo, alt: number | undefined): readonly Zone[] {
  const asked = info.memories.filter(({ alternate }) => alt === undefined || alternate === alt);
  if (asked.length === 0)
    throw new Refusal("usage.argument", `The unit has no memory with the alternate ${alt}.`, {
      hint: `It names:\n${shown(info)}`,
    });
  return asked.flatMap(({ alternate, flashable, zones }) =>
    zones.map(({ address, sectors }) => {
      const size = sectors.reduce((sum, part) => sum + part.count * part.size, 0);
      return { alternate, flashable, from: address, end: address + size };
    }),
  );
}

/** Why a memory may go on behind a zone; read to its "end" is not the whole then. */
function moreThan({ unread, untoldBytes, memories }: UnitInfo, zone: Zone): string | undefined {
  const cut = unread.find(({ alternate }) => alternate === zone.alternate);
  if (cut !== undefined) return `The unit may have more of it: ${cut.why}.`;
  if (!zone.flashable) return undefined;
  if (untoldBytes > 0)
    return `The unit shows ${sizeText(untoldBytes)} more, and only its bank mode tells where; say --address and --length to read there.`;
  const others = memories
    .filter(({ alternate }) => alternate === zone.alternate)
    .flatMap(({ zones }) => zones)
    .filter(({ address }) => address >= zone.end)
    .map(({ address }) => hex32(address));
  return others.length === 0
    ? undefined
    : `This memory goes on behind a gap: read from ${others.join(" and ")} as well.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const shown = ({ memories }: UnitInfo): string =>
  memories
    .flatMap(({ alternate, name, zones }) =>
      zones.map(({ address }) => `  alternate ${alternate}  ${hex32(address)}  ${name}`),
    )
    .join("\n");
