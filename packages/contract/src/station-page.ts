import { z } from "zod";

/** One nest as the station page shows it. */
export const NestView = z.object({
  name: z.string(),
  portPath: z.string(),
  state: z.enum([
    "empty",
    "present",
    "ready",
    "starting",
    "busy",
    "pass",
    "fail",
    "refused",
    "unknown",
    "off",
  ]),
  /** This nest takes the next scan; shown before start. */
  next: z.boolean(),
  serial: z.string().nullable(),
  phase: z.string().nullable(),
  fraction: z.number().nullable(),
  remainingMs: z.number().nullable(),
  /** Why the unit may not start, or what it failed with; the page has the words for it. */
  code: z.string().nullable(),
  /** What a newer server says to do, in English; null where the agent knows the code. */
  action: z.string().nullable(),
  /** For the engineer who looks over the shoulder. */
  detail: z.string().nullable(),
  durationMs: z.number().nullable(),
});
export type NestView = z.infer<typeof NestView>;

const info = z.literal("info");
const refused = z.literal("refused");

/** What the last scan or key did, or why it did nothing: a key with its parameters. The page makes the words. */
export const NoticeMessage = z.discriminatedUnion("key", [
  z.object({ key: z.literal("nothing"), kind: info }),
  z.object({ key: z.literal("assigned"), kind: info, serial: z.string(), nest: z.string() }),
  /** The next serial goes to this nest. */
  z.object({ key: z.literal("selected"), kind: info, nest: z.string() }),
  /** The same label was read twice in a short time. */
  z.object({ key: z.literal("repeated"), kind: info, serial: z.string() }),
  z.object({ key: z.literal("cancelled"), kind: info }),
  z.object({ key: z.literal("lead-called"), kind: info }),
  z.object({ key: z.literal("nothing-to-start"), kind: refused }),
  /** `code` is of the code table. */
  z.object({
    key: z.literal("scan-refused"),
    kind: refused,
    code: z.string(),
    scanned: z.string(),
  }),
  /** The server does not take the result of this unit. */
  z.object({ key: z.literal("result-refused"), kind: refused, serial: z.string().nullable() }),
]);
export type NoticeMessage = z.infer<typeof NoticeMessage>;

/** A notice as the page gets it. */
export const StationNotice = NoticeMessage.and(
  /** Counts up so that a repeat is seen. */
  z.object({ count: z.number().int() }),
);
export type StationNotice = z.infer<typeof StationNotice>;

/** All that the station page shows; the agent sends it whole on every change (Server-sent event `view`). */
export const StationPageView = z.object({
  station: z.string(),
  line: z.string(),
  workOrder: z.string().nullable(),
  product: z.string().nullable(),
  productTitle: z.string().nullable(),
  version: z.string().nullable(),
  /** First and last digits of the manifest's digest; shown as "9f3c…a1 signed". */
  manifestSha256: z.string().nullable(),
  server: z.enum(["connected", "away"]),
  /** Results that wait here for the server. */
  queuedResults: z.number().int(),
  today: z.object({ passed: z.number().int(), failed: z.number().int() }),
  nests: z.array(NestView),
  last: z.array(
    z.object({
      serial: z.string(),
      nest: z.string(),
      outcome: z.enum(["PASS", "FAIL"]),
      durationMs: z.number(),
      at: z.string(),
    }),
  ),
  notice: StationNotice,
  virtual: z.boolean(),
});
export type StationPageView = z.infer<typeof StationPageView>;

/** What a barcode scanner typed: a serial or a {@link Barcode}. */
export const ScanRequest = z.object({ text: z.string().min(1).max(200) });
/** Without a nest: every nest that is ready. */
export const StartNestRequest = z.object({ nest: z.string().optional() });
/** An operator has read the result in this nest; the nest becomes free. */
export const AcknowledgeRequest = z.object({ nest: z.string() });

/** Barcodes that are commands, printed on the nests and on the operator's card. */
export const Barcode = {
  Start: "FL-START",
  Cancel: "FL-CANCEL",
  /** Followed by the nest's name. */
  Nest: "FL-NEST-",
} as const;
