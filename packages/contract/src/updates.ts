import { z } from "zod";
import { Id, Name, Sha256, text } from "./common.ts";
import { Reason } from "./holds.ts";
import {
  LARGEST_UPDATE,
  LARGEST_UPDATE_MANIFEST,
  UpdateFacts,
  UpdateVersion,
} from "./update-manifest.ts";

/** The update that a station is to have. */
export const WantedUpdate = z.object({
  /** Of this push to this station. One that failed is not tried again under the same id. */
  id: Id,
  /** The manifest's exact bytes, base64, and the signature over them. */
  manifest: z.string(),
  signature: z.string(),
  /** The version that is asked for although it is older than what runs; null: no older one may be taken. */
  downgrade: z.string().nullable(),
});
export type WantedUpdate = z.infer<typeof WantedUpdate>;

/** How far a station is with an update. */
export const UPDATE_STEPS = ["fetching", "waiting", "switching", "done", "failed"] as const;
/** One of {@link UPDATE_STEPS}. */
export type UpdateStep = (typeof UPDATE_STEPS)[number];

/** What a station tells of one update. */
export const UpdateProgress = z.object({
  id: Id,
  /** One of {@link UPDATE_STEPS}. */
  step: text(20),
  /** How much of the bundle is there, 0 to 100; null where nothing is fetched. */
  percent: z.number().min(0).max(100).nullable(),
  /** The nest that is waited for; null: for none. */
  nest: Name.nullable(),
  /** Why it failed: a code of the table; null: it did not. */
  code: text(80).nullable(),
  /** For an engineer, in English. */
  detail: text(500),
  /** The version that runs. */
  runs: text(60),
});
export type UpdateProgress = z.infer<typeof UpdateProgress>;

/** How a station is about updates; sent at its start and on each change. */
export const UpdateReport = z.object({
  facts: UpdateFacts,
  /** The update that it was told of last. */
  update: UpdateProgress.nullable(),
});
export type UpdateReport = z.infer<typeof UpdateReport>;

/** Which part of a bundle a station asks for: from this byte on, at most {@link UPDATE_PART}. */
export const BundleQuery = z.object({ offset: z.coerce.number().int().min(0).max(LARGEST_UPDATE) });
/** The most that one answer of a bundle's bytes carries. */
export const UPDATE_PART = 1024 * 1024;

/** An update with its signature. The public key shows that they fit together; which keys count, each line PC says itself. */
export const UpdateRequest = z.object({
  manifest: z.base64().max(Math.ceil(LARGEST_UPDATE_MANIFEST / 3) * 4),
  signature: text(2_000, 1),
  publicKey: text(500, 1),
});

/** An update of the agent for one kind of PC. */
export const UpdateView = z.object({
  id: Id,
  version: z.string(),
  platform: z.string(),
  sha256: Sha256,
  size: z.number().int(),
  keyId: z.string(),
  builtAt: z.string(),
  /** The newest version from which a PC may go back to it; null: no PC that ran a newer one takes it. */
  downgradeFrom: z.string().nullable().default(null),
  publishedAt: z.string(),
  publishedBy: z.string(),
  withdrawnAt: z.string().nullable(),
  withdrawnBy: z.string().nullable(),
  withdrawReason: z.string().nullable(),
});
export type UpdateView = z.infer<typeof UpdateView>;

/** Nobody is sent it any more. */
export const WithdrawUpdateRequest = z.object({ reason: Reason });

/** Of a station's place in a push: its turn is still to come, it was told, or how it ended. */
export const UPDATE_STATES = ["planned", "told", "done", "failed", "ended"] as const;

/** One station's update. */
export const StationUpdate = UpdateProgress.omit({ id: true, step: true, runs: true }).extend({
  push: Id,
  version: z.string(),
  /** What it ran when it was pushed. */
  from: z.string(),
  /** One of {@link UPDATE_STATES}. */
  state: z.string(),
  /** One of {@link UPDATE_STEPS}; null: it has told nothing yet. */
  step: z.string().nullable(),
  runs: z.string().nullable(),
  /** When it last told something, or was told. */
  at: z.string(),
});
export type StationUpdate = z.infer<typeof StationUpdate>;

/** A station with the version that it runs. */
export const StationVersion = z.object({
  stationId: Id,
  station: z.string(),
  line: z.string(),
  plant: z.string(),
  enrolled: z.boolean(),
  connected: z.boolean(),
  version: z.string().nullable(),
  facts: UpdateFacts.nullable(),
  /** A newer update for its kind of PC that was published; null: no newer one was. */
  newest: z.string().nullable(),
  /** The latest push to it; null: there was none. */
  update: StationUpdate.nullable(),
});
export type StationVersion = z.infer<typeof StationVersion>;

/** Names of stations or lines in a query: "L3-01,L3-02". */
const Names = z.string().max(4_000);

/** What a push would do: whole lines by name, single stations, or both. */
export const PushQuery = z.object({
  version: UpdateVersion,
  /** Only lines of this plant. */
  plant: Name.optional(),
  lines: Names.optional(),
  stations: Names.optional(),
  downgrade: UpdateVersion.optional(),
});

/** Brings an update to stations: one first, then line by line. */
export const PushRequest = z.object({
  version: UpdateVersion,
  plant: Name.optional(),
  lines: z.array(Name).max(200).default([]),
  stations: z.array(Name).max(500).default([]),
  /** The same version once more, where it is older than what runs. */
  downgrade: UpdateVersion.optional(),
  reason: Reason,
});

/** One station in a plan. */
export const PlannedStation = z.object({
  station: z.string(),
  line: z.string(),
  plant: z.string(),
  version: z.string().nullable(),
  connected: z.boolean(),
  /** Units in work there now: the update comes after them. */
  inWork: z.number().int(),
  /** 1 is first; null: it gets none. */
  wave: z.number().int().nullable(),
  /** A key of {@link UPDATE_OBSTACLES}: why it gets none. */
  obstacle: z.string().nullable(),
});
export type PlannedStation = z.infer<typeof PlannedStation>;

/** What a push would do now. */
export const PushPlan = z.object({
  version: z.string(),
  downgrade: z.boolean(),
  stations: z.array(PlannedStation),
});
export type PushPlan = z.infer<typeof PushPlan>;

/** `stopped`: an update failed, and no more stations are told. `ended`: a person called it off, or the update was withdrawn. */
export const PUSH_STATES = ["running", "paused", "stopped", "done", "ended"] as const;

/** A push, with how far each station is. */
export const PushView = z.object({
  id: Id,
  version: z.string(),
  downgrade: z.boolean(),
  reason: z.string(),
  /** One of {@link PUSH_STATES}. */
  state: z.string(),
  /** Why it does not go on; null while it does. */
  stateReason: z.string().nullable(),
  pushedAt: z.string(),
  pushedBy: z.string(),
  stations: z.array(
    z.object({
      station: z.string(),
      line: z.string(),
      plant: z.string(),
      connected: z.boolean(),
      wave: z.number().int(),
      update: StationUpdate,
    }),
  ),
});
export type PushView = z.infer<typeof PushView>;

/** Holds a push, lets it go on, or calls it off. */
export const PushReasonRequest = z.object({ reason: Reason });
