import { z } from "zod";
import type { EventKind } from "./event.ts";

/** Where a unit is flashed, and with what. The event's subject has the attempt's id and the unit's serial. */
const Place = {
  jobId: z.string(),
  product: z.string(),
  version: z.string(),
  order: z.string(),
  station: z.string(),
  nest: z.string(),
  hostId: z.string(),
  virtual: z.boolean(),
};
const Result = z.object({
  ...Place,
  outcome: z.string(),
  code: z.string().nullable(),
  blame: z.string().nullable(),
  phase: z.string().nullable(),
  touched: z.boolean(),
  /** The unit's first counted try at this step: yields count these. */
  first: z.boolean(),
  /** The attempt that was the first one until this one, which is older, was told. */
  displaces: z.string().nullable(),
  linkIncident: z.boolean(),
  offline: z.boolean(),
  review: z.boolean(),
  durationMs: z.number().nullable(),
  jobBefore: z.string(),
  jobState: z.string(),
  contradictions: z.array(z.string()),
});
/** Who was logged in at the station: a person's id, never their name. Null: nobody. */
const operator = z.string().nullable();
const Started2 = z.object({ ...Place, operator });
const Result2 = Result.extend({ operator });
/** The event's subject has the job's id and the unit's serial. */
const Ended = z.object({
  order: z.string(),
  station: z.string(),
  nest: z.string(),
  code: z.string().nullable(),
});

/** A step of the ladder: its row of evidence, and the evidence for a fault and for health. Null where the state was worked out anew. */
const Step = {
  step: z.string().nullable(),
  r: z.number().nullable(),
  d: z.number().nullable(),
};

/** Jobs, attempts and hosts. */
export const WORK_EVENTS = {
  "attempt.started": {
    says: "A station began to flash a unit; from now on its flash may be half written.",
    subject: "attempt",
    versions: [z.object(Place), Started2],
  },
  "attempt.finished": {
    says: "An attempt's result came in and settled its job.",
    subject: "attempt",
    versions: [Result, Result2],
  },
  "result.late": {
    says: "A result came in when its job had moved on. It is kept as evidence, and the job stays as it is.",
    subject: "attempt",
    versions: [Result, Result2],
  },
  "result.contradicted": {
    says: "A result contradicts its job or itself. It is kept as evidence and never makes a unit PASSED.",
    subject: "attempt",
    versions: [Result, Result2],
  },
  "result.refused": {
    says: "A result was refused for good, and its station sets it aside: other bytes for an attempt that has a result, or an attempt that the station did not start.",
    subject: "attempt",
    versions: [z.object({ code: z.string(), sha256: z.string() })],
  },
  "job.cancelled": {
    says: "A job ended before anything was erased: its station gave it up, or it could not be offered.",
    subject: "job",
    versions: [Ended],
  },
  "job.unknown": {
    says: "The station of a running job was not heard of any more: what its unit holds is not known.",
    subject: "job",
    versions: [Ended],
  },
  "job.superseded": {
    says: "A new job took over the unit of one whose end is not known; it erases before it reads.",
    subject: "job",
    versions: [z.object({ jobId: z.string() })],
  },
  "host.judged": {
    says: "The verdict on a host changed (`before`, `after`); `reason` is its evidence.",
    subject: "host",
    versions: [
      z.object({ machine: z.string(), pciAddress: z.string() }),
      z.object({ machine: z.string(), pciAddress: z.string(), ...Step }),
    ],
  },
  "group.judged": {
    says: "The verdict on a PC, on a controller model, or on a release with its batch or order changed (`before`, `after`); `reason` is its evidence.",
    subject: "other",
    versions: [z.object({ level: z.string(), name: z.string(), ...Step })],
  },
  "host.flagged": {
    says: "More links are lost at a host than usual, and its line has too few hosts to tell host from boards; or that is over (`raised` is false).",
    subject: "host",
    versions: [z.object({ raised: z.boolean() })],
  },
  "host.repaired": {
    says: "A repair or a swap at a host was recorded; `reason` says what was done. The evidence against it begins anew.",
    subject: "host",
    versions: [z.object({ what: z.string() })],
  },
} as const satisfies Record<string, EventKind>;

/** The server itself. */
export const SERVER_EVENTS = {
  "server.restored": {
    says: "The server's data was made from a back-up; everything after `createdAt` is missing.",
    subject: "server",
    versions: [
      z.object({
        createdAt: z.string(),
        from: z.string(),
        version: z.string(),
        skipNumbers: z.number().int(),
      }),
    ],
  },
  "audit.imported": {
    says: "An entry of the audit log that there was before the ledger, as it stood there.",
    subject: "other",
    versions: [z.object({ action: z.string() })],
  },
} as const satisfies Record<string, EventKind>;
