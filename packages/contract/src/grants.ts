import { z } from "zod";
import { JobImage } from "./agent.ts";
import { Id, Name, Sha256, Timestamp } from "./common.ts";
import { GrantRules, MOST_GRANTED_UNITS } from "./grant-rules.ts";
import { Reason } from "./holds.ts";
import { LeasedLabel } from "./labels.ts";

/**
 * Where more units of a product are on hold or scrapped, its stations get no grant. One unit in a hundred that is scrapped comes to this after two million.
 * A grant's text is then about 400 kB, which its station writes to its disk for each unit without the server.
 */
export const MOST_BARRED = 20_000;
/** The same for agents that cannot `many-barred`: they refuse a grant that names more. */
export const MOST_BARRED_BEFORE = 2_000;

/**
 * What a station may flash while the server is away: so many units of one order with one release, until then. What is signed and kept are the exact bytes of
 * its text; this schema only reads them. A field that it does not know may be a limit, so a statement with one is refused.
 */
export const Grant = z.strictObject({
  /** No manifest and no exception has it: a signature of one kind never stands for the other. */
  type: z.literal("flashline-grant"),
  schema: z.literal(1),
  id: Id,
  stationId: Id,
  /** Number of the order. */
  order: z.string(),
  product: z.string(),
  version: z.string(),
  manifestSha256: Sha256,
  imageSha256: z.array(Sha256),
  /** Its places are numbered from 1. Each try of a unit takes one. */
  units: z.number().int().positive().max(MOST_GRANTED_UNITS),
  /** The server's clock when it was given. */
  from: Timestamp,
  until: Timestamp,
  /** Which serials are the product's. */
  serialPattern: z.string(),
  /** Nests that were in use, with no hold on them or the host behind them. */
  nests: z.array(z.string()),
  /** Units that were scrapped or on hold, by serial. */
  barred: z.array(z.string()).max(MOST_BARRED),
  /** With so many failures here a lead is asked, for which the server is needed. */
  retestLimit: z.number().int(),
  virtualAllowed: z.boolean(),
  /** For each place its number of each range, in decimal; empty where the release takes none. */
  numbers: z.array(z.record(z.string(), z.string())).max(MOST_GRANTED_UNITS),
});
export type Grant = z.infer<typeof Grant>;

/** A grant as its station keeps it, with all that a unit is flashed with. */
export const SignedGrant = z.object({
  /** The exact text that was signed: a {@link Grant}. */
  statement: z.string(),
  /** As of a `.minisig` file, by the server's own key. */
  signature: z.string().max(4000),
  /** The manifest's exact bytes, base64, and its own signature. */
  manifest: z.string(),
  manifestSignature: z.string(),
  images: z.array(JobImage),
  /** As in a leased job. */
  label: LeasedLabel.optional(),
});
export type SignedGrant = z.infer<typeof SignedGrant>;

/** A station asks for a grant under an id of its own. */
export const GrantRequest = z.object({
  /** As in a {@link PreflightRequest}. */
  abilities: z.array(z.string().max(60)).max(60).readonly().default([]),
});
/** The grant, the same again for the same id; or why there is none now. */
export const GrantAnswer = z.object({
  grant: SignedGrant.nullable(),
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type GrantAnswer = z.infer<typeof GrantAnswer>;

/** What a station says of a grant that it gives back. Agents from before say nothing. */
export const ReturnGrantRequest = z
  .object({
    /** Places that units may have had, also those whose result the server does not have. */
    taken: z.array(z.number().int()).max(5_000).readonly(),
  })
  .nullish();

/** Under which place of a grant a result's unit was flashed. The server made no job for it before. */
export const GrantUse = z.object({
  id: Id,
  place: z.int32().positive(),
  serial: z.string().min(1).max(64),
  nest: Name,
  /** When the attempt began, as far as the station knows the server's clock. */
  at: Timestamp,
});
export type GrantUse = z.infer<typeof GrantUse>;

/** What is to hold in a plant; what is left out stays as it is. */
export const PlantGrantsRequest = GrantRules.partial().extend({ reason: Reason });

/** Whether a grant's station may still flash under it, and how it ended. "over": its time is over, and its station has not given it back yet. */
export const GRANT_STATES = ["open", "over", "returned", "ended"] as const;

/** A grant with what became of it. */
export const GrantView = z.object({
  id: Id,
  station: z.string(),
  order: z.string(),
  product: z.string(),
  version: z.string(),
  units: z.number().int(),
  /** Places whose results came in. */
  used: z.number().int(),
  givenAt: z.string(),
  until: z.string(),
  state: z.enum(GRANT_STATES),
  endedAt: z.string().nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});
export type GrantView = z.infer<typeof GrantView>;

/** Why a person ends a grant whose station does not give it back. */
export const EndGrantRequest = z.object({ reason: Reason });
