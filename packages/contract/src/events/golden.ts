import { z } from "zod";
import { GOLDEN_RUN_STATES, GOLDEN_STATES, GoldenRule } from "../golden.ts";
import type { EventKind } from "./event.ts";

const count = z.number().int();
const Check = z.object({
  serial: z.string(),
  station: z.string(),
  nest: z.string(),
  run: z.string().nullable(),
});

/** Golden units. Their subject's name is the serial; of a check and of a run it is the nest's, "L3-07/2". */
export const GOLDEN_EVENTS = {
  "golden.added": {
    says: "A golden unit was registered.",
    subject: "other",
    versions: [z.object({ product: z.string(), version: z.string(), cycles: count, areas: count })],
  },
  "golden.retired": {
    says: "A golden unit is used no more.",
    subject: "other",
    versions: [z.object({ worn: count })],
  },
  "golden.ruled": {
    says: "It was said how often the nests of a plant are checked (`before`, `after`).",
    subject: "plant",
    versions: [GoldenRule],
  },
  "golden.started": {
    says: "A check of a nest with a golden unit is about to erase; its sectors' cycles were counted.",
    subject: "nest",
    versions: [Check.extend({ check: z.string(), sectors: z.array(count), worn: count })],
  },
  "golden.checked": {
    says: "A golden unit checked a nest. A failed check outside of a run takes the nest out of use.",
    subject: "nest",
    versions: [
      Check.extend({
        check: z.string(),
        state: z.enum(GOLDEN_STATES),
        code: z.string().nullable(),
        linkIncident: z.boolean(),
      }),
    ],
  },
  "golden.run-planned": {
    says: "An engineer planned a golden run: a check that is repeated at one nest.",
    subject: "nest",
    versions: [
      z.object({
        run: z.string(),
        serial: z.string(),
        times: count,
        profile: z.string().nullable(),
        setting: z.string().nullable(),
      }),
    ],
  },
  "golden.run-ended": {
    says: "A golden run has made all its checks, or was stopped.",
    subject: "nest",
    versions: [
      z.object({
        run: z.string(),
        state: z.enum(GOLDEN_RUN_STATES),
        made: count,
        failed: count,
        incidents: count,
      }),
    ],
  },
} as const satisfies Record<string, EventKind>;
