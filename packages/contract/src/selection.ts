import { Blame } from "@flashline/dfu-core/codes";
import { z } from "zod";
import { Day, Name, Sha256, Timestamp, text } from "./common.ts";

/** Stretches of a plant's clock that need no dates. Days begin at the plant's midnight, weeks on Monday. */
export const WINDOWS = [
  ...["today", "yesterday", "this-week", "last-week"],
  // With today: seven days and thirty days.
  ...["last-7-days", "last-30-days"],
  // The shift that is on, and the one that ended last before it.
  ...["this-shift", "last-shift"],
] as const;

/** Which attempts are meant: all that is given must hold. A name that nobody has is refused. */
export const AttemptSelection = z.object({
  /** Begun at this time or later, by the server's clock. */
  from: Timestamp.optional(),
  /** Begun before this time. */
  to: Timestamp.optional(),
  /** Instead of `from` and `to`, by the clock of the plant. */
  window: z.enum(WINDOWS).optional(),
  /** A day of the plant's calendar, "2026-11-24", instead of them. */
  day: Day.optional(),
  /** The shift of this name that began on `day`. */
  shift: Name.optional(),
  /** Its stations, and whose clock counts. Without: the plant of the line or station; the only plant; of several together UTC. */
  plant: Name.optional(),
  /** What was made there: a station that was moved counts where it stood then. */
  line: Name.optional(),
  station: Name.optional(),
  /** Needs `station`. */
  nest: Name.optional(),
  /** Id or name of a host, or the name of its station or machine where it is the only one there. */
  host: text(200, 1).optional(),
  /** Model of the hosts' controllers, "8086:a36d". */
  model: text(60, 1).optional(),
  product: Name.optional(),
  /** Name of a process step; with `product` of that one alone. */
  step: Name.optional(),
  /** Version of a release; with `product` of that one alone. */
  release: text(120, 1).optional(),
  /** SHA-256 of an image: every release that has it. */
  image: Sha256.optional(),
  /** Number of a work order. */
  order: text(120, 1).optional(),
  /** The units' batch. */
  batch: text(60, 1).optional(),
  outcome: z.enum(["PASS", "FAIL"]).optional(),
  code: text(120, 1).optional(),
  blame: z.enum(Blame).optional(),
  virtual: z.enum(["true", "false"]).optional(),
  /** Id or name of who started them. */
  operator: text(120, 1).optional(),
});
export type AttemptSelection = z.infer<typeof AttemptSelection>;

/**
 * For lists: "counted" leaves out what counts in no yield, "first" all but the units' first tries, which are the cohort of a yield. "by-host" leaves
 * those of them that failed by the fault of a host that the verdict holds for bad: the product's gap to the line.
 */
export const ListedSelection = AttemptSelection.extend({
  only: z.enum(["counted", "first", "by-host"]).optional(),
});
export type ListedSelection = z.infer<typeof ListedSelection>;

/** Columns of the list of attempts. Times are in UTC. */
export const ATTEMPT_COLUMNS = [
  ...["product", "serial", "batch", "began_at", "received_at", "outcome", "code", "blame", "phase"],
  ...["release", "order", "step", "station", "nest", "host", "model", "profile", "duration_ms"],
  ...["link_incident", "first", "late", "review", "contradictions", "virtual", "operator"],
  ...["attempt_id", "unit_id"],
] as const;

/** Columns of the list of units: what each is now, and its latest attempt that was reported. */
export const UNIT_COLUMNS = [
  ...["product", "serial", "board_revision", "batch", "state", "attempts", "last_at", "outcome"],
  ...["code", "blame", "unit_id"],
] as const;
