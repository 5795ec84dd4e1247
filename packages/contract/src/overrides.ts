import { z } from "zod";
import { PreflightRequest } from "./agent.ts";
import { BadgeContent } from "./badges.ts";
import type { Code } from "./codes.ts";
import { HOLD_ACCESS, Reason } from "./holds.ts";
import type { Role } from "./states.ts";

/** Refusals that a badge at the station may set aside for one try of a unit, and of whom: who may lift a hold may let one unit through. */
export const OVERRIDES = {
  "preflight.retest_limit": HOLD_ACCESS.unit.roles,
  "preflight.unit_held": HOLD_ACCESS.unit.roles,
  "preflight.batch_held": HOLD_ACCESS.batch.roles,
} as const satisfies Partial<Record<Code, readonly Role[]>>;
/** A key of {@link OVERRIDES}. */
export type Overridable = keyof typeof OVERRIDES;
/** All of {@link OVERRIDES}. */
export const OVERRIDABLE = Object.keys(OVERRIDES) as [Overridable, ...Overridable[]];

/** Whether a badge may set the refusal `code` aside. */
export const isOverridable = (code: string): code is Overridable => code in OVERRIDES;
/** Whether the badge of somebody with this role may. A role that this version does not know may not. */
export const mayOverride = (role: string, code: Overridable): boolean =>
  OVERRIDES[code].some((one) => one === role);

/** Why a unit is let through, as the station offers it; the words go into the records. */
export const OVERRIDE_REASONS = {
  checked: "Checked: it may go on",
  reseated: "Cleaned and put in again",
  repaired: "Repaired",
  trial: "A try for the engineer",
} as const;
/** A key of {@link OVERRIDE_REASONS}. */
export type OverrideReason = keyof typeof OVERRIDE_REASONS;
/** What somebody who is asked why may answer at the station; `other`: in words of their own, which come next. */
export const OVERRIDE_ANSWERS = [
  ...(Object.keys(OVERRIDE_REASONS) as OverrideReason[]),
  "other",
] as const;
/** One of {@link OVERRIDE_ANSWERS}. */
export type OverrideAnswer = (typeof OVERRIDE_ANSWERS)[number];

/** How long a unit that a hold is on may wait for its start once somebody let it through, milliseconds. */
export const HOLD_OVERRIDE_MS = 15 * 60_000;

/** Lets a refused unit be tried once. */
export const OverrideRequest = PreflightRequest.extend({
  /** The refusal that the station shows: another one is not set aside. */
  code: z.enum(OVERRIDABLE),
  /** What was read from the badge of who allows it. */
  badge: BadgeContent,
  reason: Reason,
});
/** Name of who allowed it. */
export const Overridden = z.object({ name: z.string() });
