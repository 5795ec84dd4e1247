import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

const Nest = z.object({ name: z.string(), portPath: z.string() });

/** The plant: lines, stations, and what it makes. */
export const PLANT_EVENTS = {
  "plant.added": {
    says: "A plant was added; `after` has its time zone and shifts.",
    subject: "plant",
    versions: [nothing],
  },
  "plant.changed": {
    says: "A plant has another name, time zone or other shifts, was retired or taken back (`before`, `after`).",
    subject: "plant",
    versions: [nothing],
  },
  "plant.operators-set": {
    says: "How people work at a plant's stations changed (`before`, `after`).",
    subject: "plant",
    versions: [nothing],
  },
  "line.added": { says: "A line was added to its plant.", subject: "line", versions: [nothing] },
  "line.changed": {
    says: "A line has another name, was retired or taken back (`before`, `after`).",
    subject: "line",
    versions: [nothing],
  },
  "station.moved": {
    says: "A station was moved to another line (`before`, `after`); `data.takenOff` are the orders that it left.",
    subject: "station",
    versions: [z.object({ takenOff: z.array(z.string()) })],
  },
  "station.added": {
    says: "A station was added to its line.",
    subject: "station",
    versions: [z.object({ line: z.string() })],
  },
  "station.token-given": {
    says: "A token was made with which one agent may enroll as this station.",
    subject: "station",
    versions: [z.object({ expiresAt: z.string() })],
  },
  "station.enrolled": {
    says: "A PC enrolled as this station; `before` and `after` have the machine and its nests.",
    subject: "station",
    versions: [z.object({ machine: z.string(), hostname: z.string(), nests: z.array(Nest) })],
  },
  "station.nests-taught": {
    says: "The nests of a station changed at its PC: added, renamed, moved to another port or removed (`before`, `after`).",
    subject: "station",
    versions: [z.object({ nests: z.array(Nest.extend({ was: z.string().optional() })) })],
  },
  "station.enroll-failed": {
    says: "A PC tried to enroll with a token that opens nothing.",
    subject: "machine",
    versions: [nothing],
  },
  "station.revoked": {
    says: "A station's credential ended, and with it the enrollment tokens that were waiting.",
    subject: "station",
    versions: [z.object({ enrollmentTokensEnded: z.number().int() })],
  },
  "station.operators-set": {
    says: "How people work at a station changed (`before`, `after`); what is null is as its plant.",
    subject: "station",
    versions: [nothing],
  },
  "product.added": {
    says: "A product was added; `after` has its properties.",
    subject: "product",
    versions: [nothing],
  },
  "product.changed": {
    says: "Properties of a product changed (`before`, `after`).",
    subject: "product",
    versions: [nothing],
  },
  "product.pattern-replaced": {
    says: "A product got another serial pattern in place of one that this version cannot use.",
    subject: "product",
    versions: [nothing],
  },
  "units.added": {
    says: "Serial numbers were registered for a product.",
    subject: "product",
    versions: [
      z.object({
        added: z.number().int(),
        given: z.number().int(),
        first: z.string().nullable(),
        last: z.string().nullable(),
        boardRevision: z.string().nullable(),
        batch: z.string().nullable(),
      }),
    ],
  },
  "units.values-given": {
    says: "Units of a product were given data that their releases take. Only the names of the fields are told, never what is in them.",
    subject: "product",
    versions: [
      z.object({
        units: z.array(z.object({ serial: z.string(), names: z.array(z.string()) })),
        keepHours: z.number(),
      }),
    ],
  },
  "range.added": {
    says: "A product got a range of numbers of which each unit gets one.",
    subject: "product",
    versions: [
      z.object({ name: z.string(), kind: z.string(), first: z.number(), last: z.number() }),
    ],
  },
} as const satisfies Record<string, EventKind>;
