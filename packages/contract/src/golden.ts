import { z } from "zod";
import { JobImage } from "./agent.ts";
import { Id, Name, Proportion, Serial, text } from "./common.ts";
import { Reason } from "./holds.ts";
import { HostFingerprint } from "./host.ts";
import { TRIAL_PROFILES } from "./pacing.ts";

const count = z.number().int();

/** Erase cycles that a sector of a golden unit may have where nobody said otherwise: half of what ST's datasheets give for the STM32F4. */
export const GOLDEN_CYCLES = 5_000;
/** Into how many areas the image is divided where nobody said otherwise: a check erases and writes one of them. */
export const GOLDEN_AREAS = 4;

/** A known unit that checks nests. It is no production unit, and in no yield. */
export const GoldenRequest = z.object({
  serial: Serial,
  plant: Name,
  product: Name,
  /** The release of the product that its check flashes. */
  version: text(60, 1),
  /** Erase cycles that each of its sectors may have. */
  cycles: count.min(1).max(1_000_000).default(GOLDEN_CYCLES),
  /** A check erases and writes one of so many parts of the image, each time the next one. 1: the whole image. */
  areas: count.min(1).max(64).default(GOLDEN_AREAS),
  reason: Reason,
});

/** A golden unit as lists show it. */
export const GoldenView = z.object({
  id: Id,
  serial: z.string(),
  plant: z.string(),
  product: z.string(),
  version: z.string(),
  /** Cycles of the sector that has most of them. */
  worn: count,
  cycles: count,
  areas: count,
  /** Checks that were started with it. */
  checks: count,
  lastCheckAt: z.string().nullable(),
  addedBy: z.string(),
  addedAt: z.string(),
  retiredBy: z.string().nullable(),
  retiredAt: z.string().nullable(),
  retireReason: z.string().nullable(),
});
export type GoldenView = z.infer<typeof GoldenView>;

/** One check as people see it. `open`: not started yet; `running`: the station has not told its end; `void`: it says nothing about the nest. */
export const GOLDEN_STATES = ["open", "running", "passed", "failed", "void"] as const;
/** One of {@link GOLDEN_STATES}. */
export type GoldenState = (typeof GOLDEN_STATES)[number];

/** A check of a nest with a golden unit. */
export const GoldenCheckView = z.object({
  id: Id,
  serial: z.string(),
  station: z.string(),
  nest: z.string(),
  state: z.enum(GOLDEN_STATES),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  linkIncident: z.boolean(),
  profile: z.string().nullable(),
  durationMs: z.number().nullable(),
  /** Addresses of the sectors that were erased. */
  sectors: z.array(count),
  /** The golden run that it belongs to. */
  run: Id.nullable(),
  /** Of a check that did not pass, while it is kept: its size in bytes. Older servers keep none. */
  transcript: z.object({ bytes: count, receivedAt: z.string() }).nullable().default(null),
  at: z.string(),
});
export type GoldenCheckView = z.infer<typeof GoldenCheckView>;

/** A golden unit with the cycles of each of its sectors, by address, and its latest checks. */
export const GoldenDetail = GoldenView.extend({
  sectors: z.array(z.object({ address: count, cycles: count })),
  latest: z.array(GoldenCheckView),
});
export type GoldenDetail = z.infer<typeof GoldenDetail>;

/** A golden unit is used no more. */
export const GoldenRetireRequest = z.object({ reason: Reason });

/** How often a nest is to be checked. */
export const GOLDEN_EVERY = ["never", "shift", "hours"] as const;
/** What an overdue check does: it is shown, or nothing else starts in the nest. */
export const GOLDEN_OVERDUE = ["warn", "block"] as const;

const schedule = {
  every: z.enum(GOLDEN_EVERY),
  /** Of `hours`. */
  hours: count.min(1).max(8_760),
  overdue: z.enum(GOLDEN_OVERDUE),
};
/** How often the nests of a plant are checked. */
export const GoldenRule = z.object(schedule);
export type GoldenRule = z.infer<typeof GoldenRule>;
/** What holds where nobody said otherwise. */
export const GOLDEN_RULE: GoldenRule = { every: "never", hours: 24, overdue: "warn" };
/** What is to hold from now on; what is left out stays as it is. */
export const GoldenRuleRequest = GoldenRule.partial().extend({ reason: Reason });

/** A nest and its next check. */
export const GoldenNest = z.object({
  plant: z.string(),
  station: z.string(),
  nest: z.string(),
  /** Null: it is never due. */
  dueAt: z.string().nullable(),
  due: z.boolean(),
  /** Nothing else starts there until a check has passed. */
  blocks: z.boolean(),
  last: GoldenCheckView.nullable(),
});
export type GoldenNest = z.infer<typeof GoldenNest>;

/** How a golden run ended, or stands. */
export const GOLDEN_RUN_STATES = ["planned", "done", "stopped"] as const;

/** Most checks of one run. */
export const MOST_GOLDEN_RUNS = 500;
const plan = {
  serial: Serial,
  station: Name,
  nest: Name,
  times: z.coerce.number().int().min(1).max(MOST_GOLDEN_RUNS),
  /** With which profile each check starts. Without it: the release's. */
  profile: z.enum(TRIAL_PROFILES).optional(),
};
/** What is previewed of a run. */
export const GoldenRunQuery = z.object(plan);
/** A check that is repeated: so often, at this nest, with this golden unit. */
export const GoldenRunRequest = z.object({
  ...plan,
  /** What is different from before, such as "behind a hub". */
  setting: text(200).trim().optional(),
  reason: Reason,
});

/** What a run would do. */
export const GoldenRunEffect = z.object({
  host: Id.nullable(),
  name: z.string().nullable(),
  station: z.string(),
  nest: z.string(),
  serial: z.string(),
  version: z.string(),
  times: count,
  /** Most cycles of a sector now, and after the run; and how many it may have. */
  worn: count,
  wornAfter: count,
  cycles: count,
  /** How many checks its cycles still allow. */
  possible: count,
  /** About how long it takes, by the unit's latest checks; null: it has none. */
  seconds: z.number().nullable(),
  /** The run that waits at this nest already. */
  waits: Id.nullable(),
});
export type GoldenRunEffect = z.infer<typeof GoldenRunEffect>;

/** Failed checks, and checks in which the link had an incident, each of those that say something. */
export const GoldenFigures = z.object({ failed: Proportion, incidents: Proportion });
export type GoldenFigures = z.infer<typeof GoldenFigures>;

/** A golden run with what it showed. */
export const GoldenRunView = z.object({
  id: Id,
  serial: z.string(),
  station: z.string(),
  nest: z.string(),
  host: Id.nullable(),
  times: count,
  /** Checks that have a result. */
  made: count,
  profile: z.string().nullable(),
  setting: z.string().nullable(),
  reason: z.string(),
  plannedBy: z.string(),
  plannedAt: z.string(),
  state: z.enum(GOLDEN_RUN_STATES),
  endedAt: z.string().nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
  figures: GoldenFigures,
});
export type GoldenRunView = z.infer<typeof GoldenRunView>;

/** What golden units showed of a host. */
export const HostGolden = z.object({
  /** The latest first. */
  runs: z.array(GoldenRunView),
  /** Checks of the host that belong to no run. */
  single: GoldenFigures,
  /** The same golden units at all other hosts of the plant. */
  elsewhere: GoldenFigures,
  /** The host's production units of the last fourteen days, by link incidents; null: not counted. */
  production: Proportion.nullable(),
  /** Its latest checks. */
  latest: z.array(GoldenCheckView),
  /** Nests that hang on it, for a plan. */
  nests: z.array(z.object({ station: z.string(), nest: z.string() })),
  /** Golden units of the plant that can be used, for a plan. */
  units: z.array(z.string()),
});
export type HostGolden = z.infer<typeof HostGolden>;

/** Ends a run; the check that runs now comes to its end. */
export const GoldenRunStop = z.object({ reason: Reason });

/** A station is about to check a nest. `checkId` is made by the agent: a repeated request finds the same check. */
export const GoldenOpenRequest = z.object({
  checkId: Id,
  serial: Serial,
  nest: Name,
  operator: Id.nullable().optional(),
  abilities: z.array(z.string().max(60)).max(60).readonly().optional(),
  /** Only if this run goes on. */
  run: Id.optional(),
});
/** What the check flashes: one area of a signed release. */
export const GoldenOrder = z.object({
  checkId: Id,
  nest: z.string(),
  serial: z.string(),
  product: z.string(),
  version: z.string(),
  virtualAllowed: z.boolean(),
  /** The manifest's exact bytes, base64. */
  manifest: z.string(),
  signature: z.string(),
  images: z.array(JobImage),
  areas: count.min(1),
  /** Counts up with each check: area `turn` modulo `areas` is flashed. */
  turn: count.nonnegative(),
  /** Start with this profile where it is gentler than the release's. */
  profile: z.string().optional(),
  run: z.object({ id: Id, made: count, times: count }).nullable(),
});
export type GoldenOrder = z.infer<typeof GoldenOrder>;

/** Sent before the first erase: from here on the cycles of these sectors count, whatever becomes of the check. */
export const GoldenStartRequest = z.object({
  host: HostFingerprint,
  virtual: z.boolean(),
  /** Addresses of the sectors that are erased. */
  sectors: z.array(z.number().int().min(0).max(0xffff_ffff)).min(1).max(4_096),
});
/** The station gives the check up; nothing was erased. */
export const GoldenGiveUp = z.object({ code: z.string().max(80), message: z.string().max(500) });

/** What became of a check. */
export const GoldenAnswer = z.object({ state: z.enum(GOLDEN_STATES) });
