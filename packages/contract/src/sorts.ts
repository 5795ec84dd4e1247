import { z } from "zod";

/** Both ways of each column: "serial" begins with the least, "-serial" with the greatest. */
const bothWays = <const C extends string>(columns: readonly C[]) =>
  z.enum(columns.flatMap((column) => [column, `-${column}` as const]) as (C | `-${C}`)[]);

/**
 * By what lists can be sorted. Each has an index for it, so that a page of a million rows costs what one of a hundred costs; a list that is
 * sorted by anything else is refused.
 */
export const AttemptSort = bothWays(["time", "duration"]);
export type AttemptSort = z.infer<typeof AttemptSort>;
/** Units by their serial, or by when they were worked on; those that nobody worked on come before all others. */
export const UnitSort = bothWays(["serial", "worked"]);
export type UnitSort = z.infer<typeof UnitSort>;
/**
 * Work orders by when they were entered, by their number, by their state (open ones first) or by their product; of one state or product the latest come
 * first. How far an order is changes with each unit, so that no index has its order.
 */
export const OrderSort = bothWays(["created", "number", "state", "product"]);
export type OrderSort = z.infer<typeof OrderSort>;
/** Releases by when they were published, by their version as people count (1.9.0 before 1.10.0), or by their product, the latest of one first. */
export const ReleaseSort = bothWays(["created", "version", "product"]);
export type ReleaseSort = z.infer<typeof ReleaseSort>;
