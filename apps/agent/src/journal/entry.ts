import { HostFingerprint, PatchRecord } from "@flashline/contract";
import { z } from "zod";

const At = z.string();

/** Everything that a FAIL attempt.interrupted needs, should this process die in between. */
const Intent = z.object({
  entry: z.literal("intent"),
  at: At,
  attemptId: z.string(),
  jobId: z.string(),
  epoch: z.number().int(),
  serial: z.string(),
  nest: z.string(),
  host: HostFingerprint,
  virtual: z.boolean(),
  usbSerial: z.string(),
  bootId: z.string().optional(),
  deviceNumber: z.number().int().optional(),
  profile: z.string(),
  chip: z.string(),
  imageSha256: z.array(z.string()),
  manifestSha256: z.string(),
  keyId: z.string(),
  patch: PatchRecord.optional(),
  /** Who started it; null: nobody was logged in. The result has the id alone: names are the server's to keep and to erase. */
  operator: z.object({ id: z.string(), name: z.string() }).nullable().optional(),
  /** Under which place of which grant it runs, and since when by the server's clock as far as it is known here. */
  grant: z.object({ id: z.string(), place: z.number().int(), at: z.string() }).optional(),
  /** A golden unit checks the nest: no job, and the server hears of it by another way. */
  golden: z.boolean().optional(),
  /** The unit's name in the snapshots, of a release that preserves the rest of its sectors. */
  snapshot: z.string().optional(),
});
export type Intent = z.infer<typeof Intent>;
/** What is known of an attempt before its first erase. */
export type AttemptIntent = Omit<Intent, "entry" | "at">;

const OfAttempt = z.object({ at: At, attemptId: z.string() });

/** What the server made of a result, or that there was none to report. */
export const Settlement = z.enum([
  /** 201 or 200. */
  "accepted",
  /** 202: the epoch was old; kept by the server as evidence. */
  "late",
  /** The server will never take it; the body is kept aside. */
  "refused",
  /** Nothing was erased and the job was given back. */
  "cancelled",
]);
export type Settlement = z.infer<typeof Settlement>;

export const AttemptSummary = z.object({
  serial: z.string(),
  nest: z.string(),
  outcome: z.enum(["PASS", "FAIL"]),
  durationMs: z.number(),
  /** Of a FAIL. Journals of earlier agents have none. */
  code: z.string().nullable().optional(),
  /** Of a golden unit: no counter counts it. */
  golden: z.boolean().optional(),
});

/** One line of the journal. Order of an attempt: intent, started, touched, result, settled; any prefix can be all there is. */
export const JournalEntry = z.discriminatedUnion("entry", [
  Intent,
  /** The server acknowledged the start. */
  OfAttempt.extend({
    entry: z.literal("started"),
    /** The profile that it starts with, where that is not its intent's. */
    profile: z.string().optional(),
  }),
  /** Written, and on disk, before the first erase leaves this PC. */
  OfAttempt.extend({ entry: z.literal("touched") }),
  /** `body` is what is sent, byte for byte. */
  OfAttempt.extend({ entry: z.literal("result"), body: z.string(), summary: AttemptSummary }),
  OfAttempt.extend({ entry: z.literal("settled"), as: Settlement, code: z.string().optional() }),
  /** What remains of a settled attempt after compaction: enough for the day's counters. */
  OfAttempt.extend({ entry: z.literal("summary"), summary: AttemptSummary }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
export type AttemptSummary = z.infer<typeof AttemptSummary>;
