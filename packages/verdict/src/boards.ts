import type { Block } from "./block.ts";

/** What the boards of a stratum showed at one host, newer ones weighing more. JSON. */
interface Shown {
  readonly host: string;
  readonly units: number;
  readonly incidents: number;
}

/** What earlier blocks showed of a stratum's boards. JSON. */
export interface Boards {
  readonly stratum: string;
  readonly hosts: readonly Shown[];
  /** When the last of these blocks closed, ms since 1970. */
  readonly at: number;
}

/** Visits of the stratum after which what was shown weighs 1/e of what it did. */
const SCALE = 400;
/** Less of a host than so many units tells nothing. */
const FORGOTTEN = 0.5;
/** Before anything was shown: so many units at a rate that a plant may have. */
const PRIOR = { units: 10, incidents: 0.2 };
/** Up to this share boards are as they always are. */
const USUAL = 0.05;
/** (k − 1) · CV² of panels of k = 8 boards whose rates differ with CV = 0.75. */
const PANELS = 4;

/** After one more block of the stratum. */
export function boardsAfter(before: Boards | undefined, block: Block, at: number): Boards {
  const visits = block.tallies.reduce((sum, { units }) => sum + units, 0);
  const weight = Math.exp(-visits / SCALE);
  const hosts = new Map<string, Shown>();
  for (const { host, units, incidents } of before?.hosts ?? [])
    hosts.set(host, { host, units: units * weight, incidents: incidents * weight });
  for (const { name, units, incidents } of block.tallies) {
    const known = hosts.get(name);
    hosts.set(name, {
      host: name,
      units: (known?.units ?? 0) + units,
      incidents: (known?.incidents ?? 0) + incidents,
    });
  }
  const kept = [...hosts.values()].filter(({ units }) => units >= FORGOTTEN);
  return { stratum: block.name, hosts: kept, at };
}

/** What a host showed before its repair says nothing about the boards. */
export const withoutHost = (boards: Boards, host: string): Boards => ({
  ...boards,
  hosts: boards.hosts.filter((one) => one.host !== host),
});

/**
 * How much a block of the stratum counts as evidence, 0 … 1. Boards of a panel fail together, so that the incidents of a host vary by
 * 1 + (k − 1) · CV² · p / (1 − p) times what chance alone gives, where a share p of the boards has one: hardly more while p is small, several
 * times in a bad batch. The evidence of a block is raised to the inverse of that (a power of at most 1 keeps its expectation at most 1). p is
 * what `shown` says: the hosts that the group is compared with, in earlier blocks alone.
 */
export function weightOf(shown: readonly Pick<Shown, "units" | "incidents">[]): number {
  let { units, incidents } = PRIOR;
  for (const one of shown) {
    units += one.units;
    incidents += one.incidents;
  }
  const share = incidents / units;
  return 1 / (1 + (PANELS * Math.max(0, share - USUAL)) / (1 - share));
}
