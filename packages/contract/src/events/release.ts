import { z } from "zod";
import { CanaryEvidence } from "../canary.ts";
import { type EventKind, nothing } from "./event.ts";

const CanaryPaused = z.object({
  predecessor: z.string(),
  used: z.number().int(),
  origin: z.enum(["person", "guard"]),
});

/** Images and releases. */
export const RELEASE_EVENTS = {
  "image.uploaded": {
    says: "An image was uploaded for the first time; its id is its SHA-256.",
    subject: "image",
    versions: [z.object({ size: z.number().int() })],
  },
  "release.published": {
    says: "A signed manifest was published as a draft.",
    subject: "release",
    versions: [
      z.object({
        product: z.string(),
        version: z.string(),
        counter: z.number().int(),
        manifestSha256: z.string(),
        keyId: z.string(),
        images: z.array(z.string()),
      }),
    ],
  },
  "release.checked": {
    says: "The check of a draft passed, or refused it for good with `code` and `message`.",
    subject: "release",
    versions: [
      z.object({
        check: z.enum(["passed", "refused"]),
        code: z.string().nullable(),
        message: z.string().nullable(),
      }),
    ],
  },
  "release.replaced": {
    says: "A draft that its check had refused was removed to make room for a corrected one.",
    subject: "release",
    versions: [z.object({ version: z.string(), checkCode: z.string().nullable() })],
  },
  "release.withdrawn": {
    says: "A draft was taken back before anybody got it; its version and counter are free again.",
    subject: "release",
    versions: [
      z.object({
        product: z.string(),
        version: z.string(),
        counter: z.number().int(),
        manifestSha256: z.string(),
      }),
    ],
  },
  "release.canary-started": {
    says: "A release goes to `units` units at `stations` first; all others get `predecessor`.",
    subject: "release",
    versions: [
      z.object({
        predecessor: z.string(),
        stations: z.array(z.string()),
        units: z.number().int(),
      }),
    ],
  },
  "release.canary-paused": {
    says: "No more units get a canary: a person said so, or the server by its evidence.",
    subject: "release",
    versions: [
      CanaryPaused.extend({ evidence: CanaryEvidence.omit({ beside: true }) }),
      CanaryPaused.extend({ evidence: CanaryEvidence }),
    ],
  },
  "release.canary-resumed": {
    says: "A paused canary goes on and is judged anew, or a canary has other stations or more units (`before`, `after`).",
    subject: "release",
    versions: [z.object({ stations: z.array(z.string()), units: z.number().int() })],
  },
  "release.released": {
    says: "A release may be flashed from now on; `before` says whether it was a draft or a canary.",
    subject: "release",
    versions: [nothing],
  },
  "release.revoked": {
    says: "A release may not be started any more; `reason` says why.",
    subject: "release",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
