import { z } from "zod";
import { TRIAL_PROFILES, TRIAL_STATES, TrialFigures } from "../pacing.ts";
import type { EventKind } from "./event.ts";

const Trial = { controller: z.string(), hub: z.string(), family: z.string(), virtual: z.boolean() };

/** Pacing: what is tried, and what people set. */
export const PACING_EVENTS = {
  "pacing.begun": {
    says: "Units at hosts of one kind are tried with gentler pacing, every second one; or that begins again.",
    subject: "other",
    versions: [z.object(Trial)],
  },
  "pacing.decided": {
    says: "A trial of gentler pacing was decided, or its decision was given up (`before`, `after`); `reason` is what it showed.",
    subject: "other",
    versions: [z.object({ ...Trial, state: z.enum(TRIAL_STATES), figures: TrialFigures })],
  },
  "host.paced": {
    says: "An engineer set with which profile a host starts, or left it to releases and trials (`before`, `after`).",
    subject: "host",
    versions: [z.object({ profile: z.enum(TRIAL_PROFILES).nullable() })],
  },
} as const satisfies Record<string, EventKind>;
