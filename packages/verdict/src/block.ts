import { LEAST_UNITS } from "./ladder.ts";
import type { Visit } from "./visit.ts";

/** What visits of one kind within a block came to. JSON. */
export interface Tally {
  /** The host of a stratum's block, the stratum of a host's block. */
  readonly name: string;
  readonly units: number;
  readonly incidents: number;
  /** The first units with an incident, as many as a decision asks for. */
  readonly failed: readonly string[];
  /** When the first of them was received, ms since 1970. */
  readonly since: number;
}

/**
 * Visits that are looked at together: those of one stratum, told apart by host, or those of one host, told apart by stratum. JSON.
 */
export interface Block {
  readonly of: "stratum" | "host";
  readonly name: string;
  /** When its first visit was received, ms since 1970. */
  readonly openedAt: number;
  readonly tallies: readonly Tally[];
}

/** Visits that close a block in which there are some to compare, and visits that close any. */
const ENOUGH = 24;
const MOST = 96;
/** Age that closes a block: when a later visit of the plant was received, never the time of day. */
export const OLDEST_MS = 4 * 3_600_000;

export const openBlock = (of: Block["of"], visit: Visit): Block => ({
  of,
  name: visit[of],
  openedAt: visit.at,
  tallies: [],
});

const empty = (name: string, since: number): Tally => ({
  name,
  units: 0,
  incidents: 0,
  failed: [],
  since,
});

function withVisit(tally: Tally, { unit, incident, at, receivedAt = at }: Visit): Tally {
  const { name, units, incidents, failed, since } = tally;
  const isTold = !incident || failed.length >= LEAST_UNITS || failed.includes(unit);
  return {
    name,
    units: units + 1,
    incidents: incidents + (incident ? 1 : 0),
    failed: isTold ? failed : [...failed, unit],
    since: Math.min(since, receivedAt),
  };
}

/** The block with one more visit. */
export function enter(block: Block, visit: Visit): Block {
  const name = block.of === "stratum" ? visit.host : visit.stratum;
  const at = block.tallies.findIndex((tally) => tally.name === name);
  const tally = withVisit(block.tallies[at] ?? empty(name, visit.at), visit);
  const tallies = at < 0 ? [...block.tallies, tally] : block.tallies.with(at, tally);
  return { of: block.of, name: block.name, openedAt: block.openedAt, tallies };
}

/** The block without the visits of one kind. */
export const without = (block: Block, name: string): Block => ({
  ...block,
  tallies: block.tallies.filter((tally) => tally.name !== name),
});

/** Never by outcome: a block that closes on an incident would hold more of them than its stratum does. */
export function isFull({ tallies }: Block): boolean {
  const visits = tallies.reduce((sum, { units }) => sum + units, 0);
  return visits >= (tallies.length > 1 ? ENOUGH : MOST);
}
