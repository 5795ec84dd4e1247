import { type Evidence, FRESH, faultEvidence } from "./evidence.ts";

/** How far the evidence against a group has got. `QUARANTINE` proposes one; a person or a guard decides. */
export type Rung = "OK" | "WATCH" | "SUSPECT" | "QUARANTINE";

const RUNGS: readonly Rung[] = ["OK", "WATCH", "SUSPECT", "QUARANTINE"];
/** Where the ladder's rungs are, for the evidence as it is told and drawn. */
export const LIMITS = {
  /** R from which a rung is reached. */
  reached: { WATCH: 1e4, SUSPECT: 1e5, QUARANTINE: 1e6 },
  /** R below which WATCH is given up. */
  fades: 333,
  /** D from which a group is healthy again. */
  healed: 1000,
  /** The same after a recorded repair. */
  healedAfterRepair: 20,
} as const;
/** Distinct units with an incident before a quarantine is proposed: two bad boards are not a bad controller. */
export const LEAST_UNITS = 3;
/** Where a group stands. JSON. */
export interface Standing {
  readonly rung: Rung;
  readonly evidence: Evidence;
  /** A repair was recorded, and no evidence has confirmed or refuted it yet. */
  readonly isRepaired: boolean;
}

export const NEW_STANDING: Standing = { rung: "OK", evidence: FRESH, isRepaired: false };

/** Whether rung `a` is further up the ladder than `b`. */
export const isAbove = (a: Rung, b: Rung): boolean => RUNGS.indexOf(a) > RUNGS.indexOf(b);

function rungOf(r: number, units: number): Rung {
  const { reached } = LIMITS;
  if (units === 0) return "OK";
  if (r >= reached.QUARANTINE && units >= LEAST_UNITS) return "QUARANTINE";
  if (r >= reached.SUSPECT) return "SUSPECT";
  return r >= reached.WATCH ? "WATCH" : "OK";
}

/**
 * Where a group stands after new evidence. `units`: distinct units with an incident since the evidence began to grow, 0 where they say nothing of the
 * group as a whole. WATCH fades by itself; from
 * SUSPECT on only evidence of health leads back, and so it does after a recorded repair.
 */
export function climb({ rung, isRepaired }: Standing, evidence: Evidence, units: number): Standing {
  const isHealed = evidence.d >= (isRepaired ? LIMITS.healedAfterRepair : LIMITS.healed);
  if (isHealed && (isRepaired || isAbove(rung, "WATCH"))) return NEW_STANDING;
  const r = faultEvidence(evidence);
  const reached = rungOf(r, units);
  // Health from before the fault is no evidence that the fault is gone.
  if (isAbove(reached, rung))
    return { rung: reached, evidence: { ...evidence, d: 1 }, isRepaired: false };
  if (isRepaired && isAbove(reached, "WATCH"))
    return { rung, evidence: { ...evidence, d: 1 }, isRepaired: false };
  if (rung === "WATCH" && r < LIMITS.fades) return { rung: "OK", evidence, isRepaired: false };
  return { rung, evidence, isRepaired };
}

/** A repair or a swap was recorded: what was before says nothing about what is now. The rung stays until evidence confirms the repair. */
export const repair = ({ rung }: Standing): Standing => ({
  rung,
  evidence: FRESH,
  isRepaired: isAbove(rung, "OK"),
});
