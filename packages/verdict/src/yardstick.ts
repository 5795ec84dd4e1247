import type { Tally } from "./block.ts";
import { weightOf } from "./boards.ts";
import type { Split } from "./conditional.ts";
import type { Weighed } from "./evidence.ts";
import { LIMITS } from "./ladder.ts";

/** A host as it is known before a block closes. */
export interface KnownHost {
  readonly host: string;
  readonly pc: string;
  readonly model: string;
  /** Incidents by expected ones, as {@link badnessOf} counts them. */
  readonly badness: number;
  /** R, the evidence for a fault of it. */
  readonly r: number;
}

/** Some hosts of the plant, and which of them are judged together. */
export interface Group {
  readonly isMember: (host: KnownHost) => boolean;
  /** Some or all of the members. The rest of them is neither judged nor compared with. */
  readonly isJudged: (host: KnownHost) => boolean;
  /** What the group is made of: a PC of hosts, a model of PCs. Undefined for a host. */
  readonly pieces?: Pieces;
}

/** The pieces that a group is made of. */
interface Pieces {
  /** How many the plant has. */
  readonly count: number;
  /** The name of the one that a member is of. */
  readonly of: (host: KnownHost) => string;
}

/** What a block showed of a group's pieces. */
export interface ShownOfPieces {
  /** How many the plant has. */
  readonly count: number;
  /** Incidents of each that had units, also of those that are not judged. */
  readonly incidents: Readonly<Record<string, number>>;
}

/** Up to so many hosts are a small plant. */
const SMALL_PLANT = 9;

/** By R alone: such a host is no yardstick for others. */
export const isInDoubt = ({ r }: KnownHost): boolean => r >= LIMITS.reached.WATCH;

/** How many of the worst hosts are no yardstick: a third of a small plant, else a tenth. */
export const leftOut = (hosts: number): number =>
  Math.floor(hosts / (hosts <= SMALL_PLANT ? 3 : 10));

/** The worst host first; by name where two are alike, so that every machine says the same. */
export const ranked = (hosts: readonly KnownHost[]): readonly KnownHost[] =>
  hosts.toSorted((a, b) => b.badness - a.badness || (a.host < b.host ? -1 : 1));

/** A host that had units in a block, and what they came to. */
export interface Present {
  readonly host: KnownHost;
  readonly tally: Tally;
}

/** What earlier blocks showed of a stratum's boards at a host. */
export interface ShownAt {
  readonly host: KnownHost;
  readonly units: number;
  readonly incidents: number;
}

/** A group's part in a block, and the tallies that it is made of. */
export interface Part extends Weighed {
  readonly own: readonly Tally[];
  /** Undefined where the group has none. */
  readonly pieces?: ShownOfPieces;
}

export function splitOf(own: readonly Tally[], others: readonly Tally[]): Split {
  let [n, y, m, c] = [0, 0, 0, 0];
  for (const { units, incidents } of own) {
    n += units;
    y += incidents;
  }
  for (const { units, incidents } of others) {
    m += units;
    c += incidents;
  }
  return { n, y, m, c };
}

/** The worst of the plant that are not of the group; `hosts` {@link ranked}. */
function worstOthers({ isMember }: Group, hosts: readonly KnownHost[]): readonly KnownHost[] {
  const most = leftOut(hosts.length);
  const worst: KnownHost[] = [];
  for (const host of hosts) {
    if (worst.length === most) break;
    if (!isMember(host)) worst.push(host);
  }
  return worst;
}

/**
 * A group of hosts against its yardstick: all other hosts in the stratum's block, without those in doubt and without the worst of the plant
 * ({@link leftOut}). `hosts` are all of the plant, {@link ranked}. Both exclusions, and what was `shown` of the stratum's boards, rest on blocks
 * that closed before this one, so that this block's own outcomes choose nothing.
 */
export function partOf(
  group: Group,
  present: readonly Present[],
  hosts: readonly KnownHost[],
  shown: readonly ShownAt[],
): Part {
  const worst = worstOthers(group, hosts);
  const isCompared = (host: KnownHost) =>
    !isInDoubt(host) && !worst.includes(host) && !group.isMember(host);
  const own = present.filter(({ host }) => group.isJudged(host)).map(({ tally }) => tally);
  const others = present.filter(({ host }) => isCompared(host)).map(({ tally }) => tally);
  const weight = weightOf(shown.filter(({ host }) => isCompared(host)));
  return { own, split: splitOf(own, others), weight, ...piecesOf(group, present) };
}

function piecesOf({ isMember, pieces }: Group, present: readonly Present[]): Pick<Part, "pieces"> {
  if (pieces === undefined) return {};
  const incidents: Record<string, number> = {};
  for (const { host, tally } of present.filter((one) => isMember(one.host))) {
    const piece = pieces.of(host);
    incidents[piece] = (incidents[piece] ?? 0) + tally.incidents;
  }
  return { pieces: { count: pieces.count, incidents } };
}
