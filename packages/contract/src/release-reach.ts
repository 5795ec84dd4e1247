import { z } from "zod";
import { Name, text } from "./common.ts";

const Place = z.object({ station: z.string(), nest: z.string(), serial: z.string() });

/** Of a canary that is only thought of. */
export const DryRunQuery = z
  .object({
    /** Names of stations, with commas between them. */
    stations: text(4000).optional(),
    units: z.coerce.number().int().positive().max(100_000).optional(),
    /** As for a canary that is started. */
    predecessor: Name.optional(),
    /** Channels that are to be moved to it, with commas between them. */
    channels: text(1000).optional(),
  })
  .strict();

/** Which orders, stations and units a release would reach. Nothing is changed. */
export const ReleaseDryRun = z.object({
  product: z.string(),
  version: z.string(),
  state: z.string(),
  /** What it takes the place of; null where there is nothing before it. */
  predecessor: z.string().nullable(),
  /** What stands in the way now: of a canary where stations were named, else of a promotion. Null: nothing. */
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Open orders of the product. */
  orders: z.array(
    z.object({
      number: z.string(),
      /** The release that it names now. */
      version: z.string(),
      /** Units that it still takes. */
      left: z.number().int(),
      /** Units that are in work now: they finish with what they have. */
      inWork: z.number().int(),
      stations: z.array(z.string()),
      /** The channel that it follows. */
      channel: z.string().nullable(),
      /**
       * "names": its next units get the release once it is released. "follows": it names the predecessor itself, and takes it where orders are
       * moved. "channel": it follows one of the channels that were asked about.
       */
      reached: z.enum(["names", "follows", "channel", "no"]),
      /** Stations at which its next units would be a canary's. */
      canaryAt: z.array(z.string()),
      /** Units of its list that have a board revision for which the release is not. */
      otherBoards: z.number().int(),
    }),
  ),
  /** All orders that are reached, together. */
  promotion: z.object({
    orders: z.number().int(),
    stations: z.array(z.string()),
    units: z.number().int(),
    inWork: z.number().int(),
  }),
  /** What is in each of the channels that were asked about; null: nothing. */
  channels: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
  /** Null where no stations were asked about. */
  canary: z
    .object({
      orders: z.number().int(),
      stations: z.array(z.string()),
      /** At most so many units: as asked, or what the orders still take. */
      units: z.number().int(),
      /** Stations that were named and have no open order with the predecessor. */
      idle: z.array(z.string()),
    })
    .nullable(),
});
export type ReleaseDryRun = z.infer<typeof ReleaseDryRun>;

/** What a revocation would hit. Nothing is changed. */
export const ReleaseRadius = z.object({
  product: z.string(),
  version: z.string(),
  state: z.string(),
  /** Units that have it: they passed with it. A revocation changes nothing about them. */
  passed: z.number().int(),
  failed: z.number().int(),
  /** Units that may have it: nobody knows how their job ended. */
  unknown: z.number().int(),
  /** Units that are being flashed with it: they come to their end. */
  finishing: z.array(Place),
  /** Units that were ordered and not started: they are refused. */
  calledOff: z.array(Place),
  /**
   * Grants with it. A station that hears of the revocation flashes nothing more under its own; one without the server goes on, at most so many units and not
   * after `until`. Older servers know nothing of it.
   */
  grants: z
    .array(z.object({ station: z.string(), left: z.number().int(), until: z.string() }))
    .default([]),
  /** Open orders that name it and take no more units until they get another release. */
  orders: z.array(
    z.object({ number: z.string(), left: z.number().int(), stations: z.array(z.string()) }),
  ),
  /** Stations that lose it, with the next order of the product in their queue that goes on; null where they stand still. */
  stations: z.array(z.object({ station: z.string(), next: z.string().nullable() })),
  /** Channels that it leaves: their orders stand still until another release is moved into them. */
  channels: z.array(z.string()),
  /** Canaries beside it, which stand in for nothing any more. */
  canaries: z.array(z.string()),
  /** Of a canary: what its stations go on with. */
  instead: z.string().nullable(),
});
export type ReleaseRadius = z.infer<typeof ReleaseRadius>;
