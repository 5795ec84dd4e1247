import type { SectorRun } from "../parts/index.ts";

export interface Sector {
  readonly index: number;
  /** Offset from the start of the flash, in bytes. */
  readonly start: number;
  readonly size: number;
}

export const totalSize = (runs: readonly SectorRun[]): number =>
  runs.reduce((sum, [count, size]) => sum + count * size, 0);

/** The sector that holds the byte at `offset`. */
export function sectorAt(runs: readonly SectorRun[], offset: number): Sector | undefined {
  if (offset < 0) return undefined;
  let start = 0;
  let first = 0;
  for (const [count, size] of runs) {
    if (offset < start + count * size) {
      const within = Math.floor((offset - start) / size);
      return { index: first + within, start: start + within * size, size };
    }
    start += count * size;
    first += count;
  }
  return undefined;
}

export function sectorByIndex(runs: readonly SectorRun[], index: number): Sector | undefined {
  let start = 0;
  let first = 0;
  for (const [count, size] of runs) {
    if (index >= first && index < first + count) {
      return { index, start: start + (index - first) * size, size };
    }
    start += count * size;
    first += count;
  }
  return undefined;
}
