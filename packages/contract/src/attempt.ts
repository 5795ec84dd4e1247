import { eachFigure } from "@flashline/dfu-core/figures";
import { z } from "zod";
import { Id, Sha256 } from "./common.ts";
import { GrantUse } from "./grants.ts";
import { HostFingerprint } from "./host.ts";

/** One event that went wrong during an attempt and was dealt with or ended it. */
export const IncidentRecord = z.looseObject({
  code: z.string(),
  phase: z.string(),
  /** Milliseconds since the first control transfer. */
  atMs: z.number(),
  address: z.number().optional(),
  detail: z.string(),
});
export type IncidentRecord = z.infer<typeof IncidentRecord>;

/** Per-unit data that an attempt was about. */
export const PatchRecord = z.looseObject({
  /** SHA-256 of the patched content, with zeros where secrets are: nothing can be tried against it. */
  digest: z.string().max(200),
  /** Names of the fields. */
  fields: z.array(z.string()),
});
export type PatchRecord = z.infer<typeof PatchRecord>;

/** What the port showed after the application was started, in an attempt whose release asks for the application's serial. */
export const ShownApplication = z.looseObject({
  /** The serial that it was to show. */
  expected: z.string().max(200),
  /** The serial that was seen; null: none. */
  serial: z.string().max(200).nullable(),
  /** As lsusb prints them; null: nothing was on the port. */
  ids: z.string().max(20).nullable(),
});
export type ShownApplication = z.infer<typeof ShownApplication>;

/** What an attempt counted; an older agent does not know every figure. */
export const AttemptFigures = z.object(eachFigure(() => z.number().int().nonnegative().optional()));
export type AttemptFigures = z.infer<typeof AttemptFigures>;

/**
 * What an agent reports of an attempt. Parsed loosely: fields and codes that this server does not know are stored verbatim
 * and marked for review, never refused; so are times that are none. "Same body" is the SHA-256 of the bytes received.
 */
export const AttemptResult = z.looseObject({
  attemptId: Id,
  jobId: Id,
  /** The lease's epoch under which the attempt ran. */
  epoch: z.number().int().nonnegative(),
  outcome: z.enum(["PASS", "FAIL"]),
  /** Of the code table; null on PASS. */
  code: z.string().nullable(),
  blame: z.string().nullable(),
  phase: z.string().nullable().optional(),
  address: z.number().nullable().optional(),
  detail: z.string().nullable().optional(),
  /** False only when nothing was erased: then the job is cancelled, not failed. */
  touched: z.boolean(),
  linkIncident: z.boolean(),
  incidents: z.array(IncidentRecord),
  profile: z.string(),
  startProfile: z.string(),
  /** From the first control transfer to the last, or to the last incident; no incident is later. */
  durationMs: z.number().nonnegative(),
  phaseMs: z.record(z.string(), z.number()).optional(),
  ...AttemptFigures.shape,
  chip: z.string(),
  /** How the chip was recognised: "class", "part" or "none". */
  chipMatch: z.string(),
  chipEvidence: z.array(z.string()),
  imageSha256: z.array(Sha256),
  manifestSha256: Sha256,
  patch: PatchRecord.nullable().optional(),
  /** Id of the pinned key that the manifest's signature was checked with. */
  keyId: z.string(),
  host: HostFingerprint,
  virtual: z.boolean(),
  usbSerial: z.string(),
  /** Not there where the release does not ask, or the attempt failed before. */
  application: ShownApplication.optional(),
  bootId: z.string().optional(),
  deviceNumber: z.number().int().optional(),
  /** The station's clock when the attempt started and ended. */
  startedAt: z.string(),
  finishedAt: z.string(),
  /** The station's clock when this body was made; the server derives the skew from the first upload. */
  reportedAt: z.string(),
  offline: z.boolean(),
  /** Not there where the server acknowledged the start. */
  grant: GrantUse.optional(),
  agentVersion: z.string(),
  /** Id of the person who was logged in at the station when the attempt was started; null: nobody was. Older agents do not tell. */
  operator: z.string().nullable().optional(),
});
export type AttemptResult = z.infer<typeof AttemptResult>;

/** What became of a reported result; a report that is repeated gets the same answer. */
export const ResultAnswer = z.object({
  /** True when the epoch was old: kept as evidence, the job's outcome is untouched. */
  late: z.boolean(),
  jobState: z.string(),
});
export type ResultAnswer = z.infer<typeof ResultAnswer>;
