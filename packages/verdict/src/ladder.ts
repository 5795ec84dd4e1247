import { type Evidence, FRESH, faultEvidence } from "./evidence.ts";

/** How far the evidence against a group has got. `QUARANTINE` proposes one; a person or a guard decides. */
export type Rung = "OK" | "WATCH" | "SUSPECT" | "QUARANTINE";

const RUNGS: readonly Rung[] = ["OK", "WATCH", "SUSPECT", "QUARANTINE"];
/** R from which a rung is reached. Whoever is at WATCH or worse by R alone is no yardstick for others. */
export const WATCH_FROM = 1e4;
const SUSPECT_FROM = 1e5;
const QUARANTINE_FROM = 1e6;
/** Distinct units with an incident before a quarantine is proposed: two bad boards are not a bad controller. */
export const LEAST_UNITS = 3;
/** R below which WATCH is given up. */
const FADES_BELOW = 333;
/** D from which a group is healthy again: without a recorded repair, and after one. */
const HEALED = 1000;
const HEALED_AFTER_REPAIR = 20;

/** Where a group stands. JSON. */
export interface Standing {
  readonly rung: Rung;
  readonly evidence: Evidence;
  /** A repair was recorded, and no evidence has confirmed or refuted it yet. */
  readonly isRepaired: boolean;
}

export const NEW_STANDING: Standing = { rung: "OK", evidence: FRESH, isRepaired: false };

export const isAbove = (a: Rung, b: Rung): boolean => RUNGS.indexOf(a) > RUNGS.indexOf(b);

function rungOf(r: number, units: number): Rung {
  if (r >= QUARANTINE_FROM && units >= LEAST_UNITS) return "QUARANTINE";
  if (r >= SUSPECT_FROM) return "SUSPECT";
  return r >= WATCH_FROM ? "WATCH" : "OK";
}

/**
 * Where a group stands after new evidence. `units`: distinct units with an incident since the evidence began to grow. WATCH fades by itself; from
 * SUSPECT on only evidence of health leads back, and so it does after a recorded repair.
 */
export function climb({ rung, isRepaired }: Standing, evidence: Evidence, units: number): Standing {
  const isHealed = evidence.d >= (isRepaired ? HEALED_AFTER_REPAIR : HEALED);
  if (isHealed && (isRepaired || isAbove(rung, "WATCH"))) return NEW_STANDING;
  const r = faultEvidence(evidence);
  const reached = rungOf(r, units);
  // Health from before the fault is no evidence that the fault is gone.
  if (isAbove(reached, rung))
    return { rung: reached, evidence: { ...evidence, d: 1 }, isRepaired: false };
  if (isRepaired && isAbove(reached, "WATCH"))
    return { rung, evidence: { ...evidence, d: 1 }, isRepaired: false };
  if (rung === "WATCH" && r < FADES_BELOW) return { rung: "OK", evidence, isRepaired: false };
  return { rung, evidence, isRepaired };
}

/** A repair or a swap was recorded: what was before says nothing about what is now. The rung stays until evidence confirms the repair. */
export const repair = ({ rung }: Standing): Standing => ({
  rung,
  evidence: FRESH,
  isRepaired: isAbove(rung, "OK"),
});
