import type { AlarmView, StationView, WorkOrderView, YieldView } from "@flashline/contract";

interface Of {
  readonly plant: string | undefined;
  readonly line: string | undefined;
}

/** Stations of a plant or line; of all where none is chosen. */
export const ofLine = (stations: readonly StationView[], { plant, line }: Of) =>
  stations.filter(
    (station) =>
      (plant === undefined || station.plant === plant) &&
      (line === undefined || station.line === line),
  );

/** Units of the open orders that stand at these stations: what is to be made, and what of it is done. */
export function planOf(
  orders: readonly WorkOrderView[],
  stations: readonly StationView[],
): { readonly made: number; readonly quantity: number; readonly orders: number } {
  const names = new Set(stations.map(({ name }) => name));
  const open = orders.filter(
    (order) => order.state === "open" && order.stations.some((name) => names.has(name)),
  );
  return {
    made: open.reduce((sum, { passed }) => sum + passed, 0),
    quantity: open.reduce((sum, { quantity }) => sum + quantity, 0),
    orders: open.length,
  };
}

const HOUR_MS = 3_600_000;

/**
 * Milliseconds from one unit to the next over the last one to two hours of the plant's day; null where nothing passed in them, or
 * where the day has not an hour yet.
 */
export function cycleOf({ buckets, asOf, from }: Pick<YieldView, "buckets" | "asOf" | "from">) {
  const now = Date.parse(asOf);
  if (now - Date.parse(from) < HOUR_MS) return null;
  const latest = buckets
    .filter((bucket) => Date.parse(bucket.from) <= now && Date.parse(bucket.to) > now - HOUR_MS)
    .filter((bucket) => bucket.unitsPassed !== undefined);
  const made = latest.reduce((sum, { unitsPassed = 0 }) => sum + unitsPassed, 0);
  const since = Math.min(...latest.map((bucket) => Date.parse(bucket.from)));
  return made === 0 ? null : (now - since) / made;
}

/** Alarms about these stations, and those of no station. */
export const alarmsOf = (alarms: readonly AlarmView[], stations: readonly StationView[]) => {
  const names = new Set(stations.map(({ name }) => name));
  return alarms.filter(({ station }) => station === null || names.has(station));
};
