import type { SparedFor, VerdictRung } from "@flashline/contract";

/** A host of a plant as the guard sees it. */
export interface GuardedHost {
  readonly id: string;
  readonly line: string;
  readonly rung: VerdictRung;
  /** Evidence for a fault. */
  readonly r: number;
  /** Who holds it; null: nobody. */
  readonly heldBy: "person" | "guard" | null;
  /** The step that proposed its quarantine, where no person has lifted one since; null: none is proposed. */
  readonly step: string | null;
}

/** What the guard does about a host of which a quarantine is proposed. */
export interface GuardDecision {
  readonly host: GuardedHost;
  /** Null: it is quarantined. */
  readonly spared: SparedFor | null;
}

/** Of so many hosts the server may hold one. */
const ONE_OF = 3;
export const mostHeld = (hosts: number): number => Math.floor(hosts / ONE_OF);

const isHealthy = ({ heldBy, rung }: GuardedHost): boolean =>
  heldBy === null && (rung === "OK" || rung === "WATCH");

/**
 * What the guard does now, the host with the most evidence first. `hosts` are those that had a unit in the last fourteen days. It never takes the last
 * healthy host of a line away, and holds a third of the hosts at most: where more look bad, it is hardly the hosts.
 */
export function decide(hosts: readonly GuardedHost[]): readonly GuardDecision[] {
  const most = mostHeld(hosts.length);
  let held = hosts.filter(({ heldBy }) => heldBy === "guard").length;
  return hosts
    .filter(({ rung, heldBy, step }) => rung === "QUARANTINE" && heldBy === null && step !== null)
    .toSorted((a, b) => b.r - a.r || (a.id < b.id ? -1 : 1))
    .map((host): GuardDecision => {
      const others = hosts.filter((other) => other !== host && other.line === host.line);
      if (!others.some(isHealthy)) return { host, spared: "last-of-line" };
      if (held >= most) return { host, spared: "too-many" };
      held += 1;
      return { host, spared: null };
    });
}
