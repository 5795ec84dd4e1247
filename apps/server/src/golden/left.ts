/** How far a golden unit is used. */
export interface Wear {
  readonly cycles: number;
  readonly areas: number;
  readonly turn: number;
  /** Cycles of the sector that has most of them. */
  readonly worn: number;
}

/** Checks that its cycles allow, with each area in turn. The last word has the start, which knows the sectors. */
export function checksLeft({ cycles, areas, turn, worn }: Wear): number {
  const begun = turn % areas;
  return Math.max(0, (cycles - worn) * areas + (begun === 0 ? 0 : areas - begun));
}

/** Cycles by sector, as they are kept: the address in decimal. */
export type SectorCycles = Readonly<Record<string, number>>;

/** The same after one more erase of each of these. */
export function withErased(sectors: SectorCycles, erased: readonly number[]): SectorCycles {
  const after: Record<string, number> = { ...sectors };
  for (const address of new Set(erased)) after[address] = (after[address] ?? 0) + 1;
  return after;
}

/** Cycles of the sector that has most of them. */
export const mostWorn = (sectors: SectorCycles): number => Math.max(0, ...Object.values(sectors));
