import { z } from "zod";
import type { EventKind } from "./event.ts";

/** What lines are to make. */
export const PLAN_EVENTS = {
  "plan.set": {
    says: "A shift of a line has another plan: `before` and `after` have the units of each product; `data.day` and `data.shift` say which shift.",
    subject: "line",
    versions: [z.object({ day: z.string(), shift: z.string() })],
  },
} as const satisfies Record<string, EventKind>;
