import { z } from "zod";
import { Sha256 } from "./common.ts";
import { AttemptDetail, UnitDetail } from "./dashboard.ts";
import { HoldView } from "./holds.ts";

/** What a selection of attempts left in the world. Attempts that touched nothing are not in it. */
export const ContainmentView = z.object({
  asOf: z.string(),
  /** When the first and the last of them began. */
  first: z.string().nullable(),
  last: z.string().nullable(),
  attempts: z.number().int(),
  /** Of them: begun, and not reported until now. What their units hold is not known. */
  unreported: z.number().int(),
  units: z.number().int(),
  /** The units by what they are now, as a unit's `state` says. */
  states: z.record(z.string(), z.number().int()),
  /** Units that were flashed again since, outside of the selection, with PASS: they hold something else now. */
  reflashed: z.number().int(),
  /** Units that are on hold, themselves or with their batch. */
  held: z.number().int(),
});
export type ContainmentView = z.infer<typeof ContainmentView>;

/** Columns of the list of a containment, one row a unit, by product and serial. Times are in UTC. */
export const CONTAINMENT_COLUMNS = [
  ...["product", "serial", "board_revision", "batch"],
  // Of the selection's attempts: how many, and the last of them.
  ...["attempts", "first_at", "last_at", "outcome", "code", "release", "order", "station", "nest"],
  "host",
  // Now: the unit's state, whether it was flashed again with PASS outside of the selection, what touched it last, and a hold.
  ...["state", "reflashed", "now_release", "now_outcome", "now_at", "held", "unit_id"],
  // The signed exception under which the last of the selection's attempts was started.
  "exception",
  // Name of who started it, or their id once they are erased.
  "operator",
] as const;

/** A release that was flashed onto a unit, with what it was signed as. */
const FlashedRelease = z.object({
  version: z.string(),
  counter: z.number().int(),
  chip: z.string(),
  manifestSha256: Sha256,
  keyId: z.string(),
  images: z.array(z.object({ name: z.string(), sha256: Sha256, size: z.number().int() })),
  releasedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokedReason: z.string().nullable(),
});

/** An event of the ledger that is about a unit, its jobs or its attempts. */
const DossierEvent = z.object({
  position: z.number().int(),
  /** With the ledger's own hash of it, so that it can be held against the chain. */
  hash: Sha256,
  at: z.string(),
  kind: z.string(),
  who: z.string(),
  reason: z.string().nullable(),
  subjectId: z.string().nullable(),
});

/** Everything that the server knows about a unit. */
export const UnitDossier = z.object({
  asOf: z.string(),
  /** Whose record it is. */
  server: z.uuid(),
  unit: UnitDetail.omit({ history: true, cursor: true, attempts: true }),
  /** The latest thousand, the latest first. */
  attempts: z.array(AttemptDetail),
  /** How many there are. */
  attemptsInAll: z.number().int(),
  /** All that were on the unit or on its batch, the latest first. */
  holds: z.array(HoldView),
  releases: z.array(FlashedRelease),
  /** The latest thousand, the latest first; what is not sealed yet is missing for at most two seconds. */
  events: z.array(DossierEvent),
});
export type UnitDossier = z.infer<typeof UnitDossier>;
