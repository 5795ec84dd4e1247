import { z } from "zod";
import { Id } from "./common.ts";
import { Reason } from "./holds.ts";
import {
  describeBlame,
  describeSentence,
  HostBlame,
  HostSentence,
  HostSentenceOnWire,
  RUNGS,
} from "./host-verdict.ts";

const count = z.number().int();
const rung = z.enum(RUNGS);

/** What one block taught about a host: a point of the line that a page draws of R. */
export const VerdictPoint = z.object({
  at: z.string(),
  /** Evidence for a fault, and for health, after the block. */
  r: z.number(),
  d: z.number(),
  /** Units of the host, and of those that it was compared with, each with how many lost the link. */
  n: count,
  y: count,
  m: count,
  c: count,
  rung,
});
export type VerdictPoint = z.infer<typeof VerdictPoint>;

/** Where the ladder's rungs are, for the line of R. */
export const VerdictLimits = z.object({
  /** R from which a rung is reached. */
  reached: z.object({ WATCH: z.number(), SUSPECT: z.number(), QUARANTINE: z.number() }),
  /** R below which WATCH is given up. */
  fades: z.number(),
  /** D from which a host is OK again, and the same after a recorded repair. */
  healed: z.number(),
  healedAfterRepair: z.number(),
});
export type VerdictLimits = z.infer<typeof VerdictLimits>;

/** What a step of the ladder rested on, as it was when the step was made. It is never worked out anew. */
export const StepEvidence = z.object({
  sentence: HostSentenceOnWire,
  r: z.number(),
  d: z.number(),
  /** Of the block that decided. */
  n: count,
  y: count,
  m: count,
  c: count,
  /** Null for a step of anything but a host. */
  blame: HostBlame.nullable(),
  /** Units that lost the link since the evidence began to grow, the first ones first; `left` more are not listed. */
  units: z.array(z.object({ serial: z.string(), attemptId: z.string().nullable() })),
  left: count,
  /** What they were: releases with batches or orders, with units and incidents. */
  strata: z.array(z.object({ name: z.string(), units: count, incidents: count })),
  /** R before, the oldest point first, at most a hundred. */
  series: z.array(VerdictPoint),
  /** What would lead to another rung: R that grows to `at`, R that falls below it, or D that grows to it. */
  changes: z.array(z.object({ to: rung, by: z.enum(["r", "below", "d"]), at: z.number() })),
});
export type StepEvidence = z.infer<typeof StepEvidence>;

/** One entry of a host's history: what was decided, by whom, when and why. */
export const VerdictEntry = z.object({
  id: z.string(),
  at: z.string(),
  /** "step" of the ladder, "repaired", "paced", "quarantined", "cleared", "flagged" or "unflagged". */
  what: z.string(),
  /** Of a step: whose it was, one of BLAME_LEVELS, and its name; "controller" is the host itself. Else what was repaired, or the profile. */
  level: z.string(),
  name: z.string(),
  from: rung.nullable(),
  to: rung.nullable(),
  /** "person anna", "system server". */
  by: z.string(),
  reason: z.string().nullable(),
  evidence: StepEvidence.nullable(),
});
export type VerdictEntry = z.infer<typeof VerdictEntry>;

/**
 * The stratified exact test over what the host's blocks of the last fourteen days held: the chance of as many incidents if hosts did not
 * matter. It is one look, and no sequential test.
 */
export const SecondOpinion = z.object({
  p: z.number(),
  observed: count,
  expected: z.number(),
  /** Units of the host that could be compared, and the blocks that they were in. */
  units: count,
  blocks: count,
});
export type SecondOpinion = z.infer<typeof SecondOpinion>;

/** The line of R, what was decided about a host, and a second opinion. */
export const HostVerdicts = z.object({
  limits: VerdictLimits,
  /** The oldest point first; the latest four hundred at most. */
  series: z.array(VerdictPoint),
  secondOpinion: SecondOpinion.nullable(),
  /** The latest first; the latest two hundred at most. */
  history: z.array(VerdictEntry),
});
export type HostVerdicts = z.infer<typeof HostVerdicts>;

/** What can be repaired or swapped at a host. */
export const HOST_REPAIRS = ["cable", "port", "hub", "controller", "other"] as const;

/** What was done to a host. Its evidence begins anew; the rung stays until units confirm the repair. */
export const HostRepairRequest = z.object({ what: z.enum(HOST_REPAIRS), reason: Reason });

/** What recording a repair does, or would do. */
export const HostRepairEffect = z.object({
  host: Id,
  name: z.string(),
  rung: rung.nullable(),
  /** Evidence for a fault and for health before, and what they begin with again. */
  before: z.object({ r: z.number(), d: z.number() }).nullable(),
  after: z.object({ r: z.number(), d: z.number() }),
  /** D from which units have confirmed the repair. */
  healed: z.number(),
  /** The host takes no units because of a quarantine, which a repair does not lift. */
  quarantined: z.boolean(),
});
export type HostRepairEffect = z.infer<typeof HostRepairEffect>;

const LEVELS: Readonly<Record<string, string>> = {
  pc: "the PC",
  model: "the controller model",
  release: "the release",
};
const REPAIRED: Readonly<Record<string, string>> = {
  cable: "Cable repaired or swapped",
  port: "Port repaired or swapped",
  hub: "Hub repaired or swapped",
  controller: "Controller repaired or swapped",
};
const PACED: Readonly<Record<string, string>> = {
  standard: "Profile set: standard",
  gentle: "Profile set: gentle",
};
const DEEDS: Readonly<Record<string, string>> = {
  quarantined: "Quarantined",
  cleared: "Quarantine lifted",
  flagged: "Flagged: host or boards, cannot tell",
  unflagged: "Flag lowered",
};

/** What an entry of a host's history says, in English. */
export function describeEntry({ what, level, name, from, to }: VerdictEntry): string {
  if (what === "repaired") return REPAIRED[name] ?? "Repaired";
  if (what === "paced") return PACED[name] ?? "Profile left to releases and trials";
  if (what !== "step") return DEEDS[what] ?? what;
  const of = LEVELS[level];
  const proposed = to === "QUARANTINE" ? "quarantine proposed" : (to ?? "");
  return of === undefined ? `${from} → ${proposed}` : `${from} → ${proposed}, ${of} ${name}`;
}

/** Why: a person's reason, or the frozen evidence in this version's words. `dayOf` says a time as its reader does. */
export function entryReason(
  { reason, evidence }: VerdictEntry,
  dayOf?: (time: string) => string,
): string {
  if (evidence === null) return reason ?? "";
  const sentence = HostSentence.safeParse(evidence.sentence);
  const why = sentence.success ? describeSentence(sentence.data, dayOf) : "";
  const blame = evidence.blame === null ? "" : describeBlame(evidence.blame);
  return [why, blame].filter((part) => part !== "").join(" ");
}
