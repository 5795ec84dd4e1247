import { OF_MANY, OF_ONE, type Sought } from "./evidence.ts";
import type { Group, KnownHost } from "./yardstick.ts";

/** What is judged by evidence that adds up over blocks. A controller is a host: this controller of this machine. */
export type JudgedLevel = "controller" | "pc" | "model" | "release";

/** What can be named as the cause, the narrowest first. */
export type Level = "port" | "hub" | JudgedLevel;

/** The odds ratios that are looked for. */
export const SOUGHT: Readonly<Record<JudgedLevel, Sought>> = {
  controller: OF_ONE,
  pc: OF_MANY,
  model: OF_MANY,
  release: OF_MANY,
};

/** A group with its name within its level: the host, the PC, the controller model. */
export interface NamedGroup extends Group {
  readonly level: Exclude<JudgedLevel, "release">;
  readonly name: string;
}

/** What is shared by hosts. */
const SHARED = ["pc", "model"] as const;

/** Of the hosts present, the names that another host of the plant bears too. */
function sharedNames(
  by: (typeof SHARED)[number],
  present: readonly KnownHost[],
  hosts: readonly KnownHost[],
): readonly string[] {
  const bearers = new Map<string, number>();
  for (const host of hosts) bearers.set(host[by], (bearers.get(host[by]) ?? 0) + 1);
  const names = new Set(present.map((host) => host[by]));
  return [...names].filter((name) => (bearers.get(name) ?? 0) > 1);
}

/**
 * What is judged in a block in which the hosts `present` had units. `hosts` are all of the plant, the worst first. A PC is judged without its
 * worst host and a model without the PC of its worst host, because one bad host is no reason to blame more than that host.
 */
export function groupsIn(
  present: readonly KnownHost[],
  hosts: readonly KnownHost[],
): readonly NamedGroup[] {
  const ofHosts = present.map((one): NamedGroup => {
    const isOne = (host: KnownHost) => host === one;
    return { level: "controller", name: one.host, isMember: isOne, isJudged: isOne };
  });
  const wider = SHARED.flatMap((by) =>
    sharedNames(by, present, hosts).map((name): NamedGroup => {
      const isMember = (host: KnownHost) => host[by] === name;
      const worst = hosts.find(isMember);
      const isLeftOut = (host: KnownHost) => (by === "pc" ? host === worst : host.pc === worst?.pc);
      return {
        ...{ level: by, name, isMember },
        isJudged: (host) => isMember(host) && !isLeftOut(host),
      };
    }),
  );
  return [...ofHosts, ...wider];
}
