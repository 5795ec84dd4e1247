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
  code: z.string().nullable(),
  /** What to do now, at most eight words. */
  action: z.string(),
  /** For the engineer who looks over the shoulder. */
  detail: z.string().nullable(),
  durationMs: z.number().nullable(),
});
export type NestView = z.infer<typeof NestView>;

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
  /** What the last scan or key did, or why it did nothing; counts up so that a repeat is seen. */
  notice: z.object({
    count: z.number().int(),
    kind: z.enum(["info", "refused"]),
    text: z.string(),
    scanned: z.string().nullable(),
  }),
  virtual: z.boolean(),
});
export type StationPageView = z.infer<typeof StationPageView>;

export const ScanRequest = z.object({ text: z.string().min(1).max(200) });
/** Without a nest: every nest that is ready. */
export const StartNestRequest = z.object({ nest: z.string().optional() });
export const AcknowledgeRequest = z.object({ nest: z.string() });

/** Barcodes that are commands, printed on the nests and on the operator's card. */
export const Barcode = {
  Start: "FL-START",
  Cancel: "FL-CANCEL",
  /** Followed by the nest's name. */
  Nest: "FL-NEST-",
} as const;
