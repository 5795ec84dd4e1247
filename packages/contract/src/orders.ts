import { z } from "zod";
import { ChannelName } from "./channels.ts";
import { Id, Name, text } from "./common.ts";

/** Where an order stands in a station's queue: the lowest number comes first; of equal ones the one that was set first. */
const Priority = z.number().int().min(0).max(1000);
/** Priority of an order for which none was said. */
export const USUAL_PRIORITY = 100;
/** Why a person changes a running order: for everybody to read. */
const Reason = text(500).trim().min(3);
const Stations = z.array(Name).max(200);
const Quantity = z.number().int().positive().max(1_000_000);
const Version = text(60);

/** An order names a release, or a channel that says which: never both, never neither. */
const oneOf = ({
  version,
  channel,
}: {
  version?: string | undefined;
  channel?: string | undefined;
}): boolean => (version === undefined) !== (channel === undefined);
const ONE_OF = { error: "name either a version or a channel" };

/** So many units of a product with one release, at the named stations. */
export const WorkOrderRequest = z
  .object({
    number: Name,
    product: Name,
    /** Version of a released release of the product. */
    version: Version.optional(),
    /** A channel of the product: each unit gets the release that is in it when the unit is scanned. */
    channel: ChannelName.optional(),
    quantity: Quantity,
    /** Stations that get it into their queue. An order of the same product that they have comes first until it is used up. */
    stations: Stations.default([]),
  })
  .refine(oneOf, ONE_OF);
/** A work order with the units that passed, failed, and are being flashed. */
export const WorkOrderView = z.object({
  id: Id,
  number: z.string(),
  product: z.string(),
  version: z.string(),
  /** The channel that it follows; null: it names its release itself. */
  channel: z.string().nullable(),
  quantity: z.number().int(),
  /** Units that the quantity has no more room for: in work, passed or unknown. */
  used: z.number().int(),
  passed: z.number().int(),
  failed: z.number().int(),
  running: z.number().int(),
  state: z.enum(["open", "closed"]),
  stations: z.array(z.string()),
  createdAt: z.string(),
});
export type WorkOrderView = z.infer<typeof WorkOrderView>;

/** An order at one station. */
export const OrderAtStation = z.object({
  station: z.string(),
  line: z.string(),
  plant: z.string(),
  priority: z.number().int(),
  /** The station's next unit of this product goes to this order. */
  active: z.boolean(),
  /** The order of the same product that the station works on instead. */
  behind: z.string().nullable(),
  /** Jobs of the order that are open at this station. */
  inWork: z.number().int(),
});
export type OrderAtStation = z.infer<typeof OrderAtStation>;
/** One work order with its place at each of its stations. */
export const WorkOrderDetail = WorkOrderView.extend({
  /** Of the release: "released", "revoked" … A unit is refused unless it is released and has not expired. */
  releaseState: z.string(),
  createdBy: z.string(),
  queue: z.array(OrderAtStation),
});
export type WorkOrderDetail = z.infer<typeof WorkOrderDetail>;

/** Puts an order into the queues of stations, or changes its place there. */
export const SetStationsRequest = z.object({
  stations: Stations.min(1),
  /** Default: as it is, and {@link USUAL_PRIORITY} where the order is new. */
  priority: Priority.optional(),
  /** Number of the order that the stations leave for this one. Without it they keep all that they have. */
  from: Name.optional(),
  /** Needed where a station stops working on another order. Without it the refusal says which, see {@link StationLeaves}. */
  confirm: z.boolean().default(false),
  reason: Reason.optional(),
});
/** What a station would stop working on: `details` of the refusal `order.unconfirmed`. */
export const StationLeaves = z.object({
  station: z.string(),
  order: z.string(),
  /** Its open jobs there. They come to their end whatever is decided. */
  inWork: z.number().int(),
  /** The order stays in the station's queue, behind this one. */
  stays: z.boolean(),
});
export type StationLeaves = z.infer<typeof StationLeaves>;
/** Another number of units: never less than are used. */
export const QuantityRequest = z.object({ quantity: Quantity, reason: Reason.optional() });
/** Another released release of the same product, or a channel to follow, from the next unit on. With a version it follows no channel any more. */
export const OrderReleaseRequest = z
  .object({ version: Version.optional(), channel: ChannelName.optional(), reason: Reason })
  .refine(oneOf, ONE_OF);
/** A closed order goes on, at these stations. */
export const ReopenRequest = z.object({ stations: Stations.default([]), reason: Reason });
