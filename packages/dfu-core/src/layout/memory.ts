import type { MemoryLayout } from "./layout.ts";

/** One sector with its own address, spelled out of a layout. */
export interface Sector {
  readonly address: number;
  readonly size: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** Most sectors that are spelled out; the largest real layout has 1536. */
const MOST_SECTORS = 65_536;

/** All sectors of a layout in its own order, at most {@link MOST_SECTORS}. */
export function sectorsOf(layout: MemoryLayout): readonly Sector[] {
  const sectors: Sector[] = [];
  for (const zone of layout.zones) {
    for (const { address, count, size, readable, erasable, writable } of zone.sectors) {
      for (let index = 0; index < count && sectors.length < MOST_SECTORS; index += 1) {
        sectors.push({ address: address + index * size, size, readable, erasable, writable });
      }
    }
  }
  return sectors;
}

/** Bytes of all zones together. */
export const layoutSize = (layout: MemoryLayout): number =>
  layout.zones.reduce(
    (sum, zone) => zone.sectors.reduce((inner, part) => inner + part.count * part.size, sum),
    0,
  );
