import { OF_BOARDS, OF_HOSTS, OF_ONE, type Sought } from "./evidence.ts";
import type { Group, KnownHost } from "./yardstick.ts";

/** What is judged by evidence that adds up over blocks. A controller is a host: this controller of this machine. */
export type JudgedLevel = "controller" | "pc" | "model" | "release";

/** What can be named as the cause, the narrowest first. */
export type Level = "port" | "hub" | JudgedLevel;

/** The odds ratios that are looked for. */
export const SOUGHT: Readonly<Record<JudgedLevel, Sought>> = {
  controller: OF_ONE,
  pc: OF_HOSTS,
  model: OF_HOSTS,
  release: OF_BOARDS,
};

/** A group with its name within its level: the host, the PC, the controller model. */
export interface NamedGroup extends Group {
  readonly level: Exclude<JudgedLevel, "release">;
  readonly name: string;
}

/** What is shared by hosts. */
const SHARED = ["pc", "model"] as const;
const PIECES = {
  pc: ({ host }: KnownHost) => host,
  model: ({ pc }: KnownHost) => pc,
};

/** Of hosts that share something. */
interface Shared {
  readonly pieces: Set<string>;
  worst: KnownHost;
}

/** By name: the pieces that it is made of, and which of its hosts has the most evidence. */
function sharedBy(
  by: (typeof SHARED)[number],
  hosts: readonly KnownHost[],
): ReadonlyMap<string, Shared> {
  const shared = new Map<string, Shared>();
  for (const host of hosts) {
    const known = shared.get(host[by]) ?? { pieces: new Set(), worst: host };
    known.pieces.add(PIECES[by](host));
    if (host.r > known.worst.r) known.worst = host;
    shared.set(host[by], known);
  }
  return shared;
}

/**
 * What is judged in a block in which the hosts `present` had units. `hosts` are all of the plant, the worst first. A PC is judged without its
 * worst host and a model without the PC of its worst host, because one bad host is no reason to blame more than that host. The worst is the one
 * with the most evidence, which grows sooner than its past gets worse.
 */
export function groupsIn(
  present: readonly KnownHost[],
  hosts: readonly KnownHost[],
): readonly NamedGroup[] {
  const ofHosts = present.map((one): NamedGroup => {
    const isOne = (host: KnownHost) => host === one;
    return { level: "controller", name: one.host, isMember: isOne, isJudged: isOne };
  });
  const wider = SHARED.flatMap((by) => {
    const shared = sharedBy(by, hosts);
    const names = new Set(present.map((host) => host[by]));
    return [...names].flatMap((name): readonly NamedGroup[] => {
      const known = shared.get(name);
      if (known === undefined || known.pieces.size < 2) return [];
      const of = PIECES[by];
      const leftOut = of(known.worst);
      const isMember = (host: KnownHost) => host[by] === name;
      const isJudged = (host: KnownHost) => isMember(host) && of(host) !== leftOut;
      const pieces = { count: known.pieces.size, of };
      return [{ level: by, name, isMember, isJudged, pieces }];
    });
  });
  return [...ofHosts, ...wider];
}
