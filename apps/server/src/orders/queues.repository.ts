import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";

const Station = z.object({ id: z.string(), name: z.string(), plantId: z.string() });
/** A station whose queue may be changed: its row is locked. */
export type LockedStation = z.infer<typeof Station>;

/**
 * After the order's row. A job that is entered needs the station's key only, and does not wait for this. The line is looked up of the locked row: joined to
 * it, a station that is moved meanwhile would be none.
 */
const LOCK = statement(
  ["names"],
  Station,
  `SELECT s.id, s.name, (SELECT l.plant_id FROM line l WHERE l.id = s.line_id) AS "plantId" FROM station s
 WHERE s.name = ANY(:names::text[]) ORDER BY s.id FOR NO KEY UPDATE OF s`,
);

/** Locks the stations of these names. Rejects with `request.invalid` that tells which do not exist. */
export async function lockStations(
  sql: Sql,
  names: readonly string[],
): Promise<readonly LockedStation[]> {
  if (names.length === 0) return [];
  const found = await sql.rows(LOCK, { names: [...names] });
  const missing = names.filter((name) => !found.some((station) => station.name === name));
  if (missing.length === 0) return found;
  throw new FlashlineError("request.invalid", `There is no station ${missing.join(", ")}.`, {
    parameters: { stations: missing.join(", ") },
  });
}

const Queued = z.object({
  stationId: z.string(),
  orderId: z.string(),
  number: z.string(),
  productId: z.string(),
  priority: z.number(),
  room: z.boolean(),
  inWork: z.number(),
});
/** An open order in a station's queue. */
export type Queued = z.infer<typeof Queued>;

/** Of each station in the order in which they come. */
const QUEUES = statement(
  ["stationIds"],
  Queued,
  `
SELECT so.station_id AS "stationId", w.id AS "orderId", w.number, w.product_id AS "productId", so.priority,
       w.used + w.reserved < w.quantity AS room,
       (SELECT count(*)::int FROM job j WHERE j.station_id = so.station_id AND j.work_order_id = w.id
           AND j.state IN (${OPEN_SQL})) AS "inWork"
  FROM station_order so JOIN work_order w ON w.id = so.work_order_id AND w.state = 'open'
 WHERE so.station_id = ANY(:stationIds::uuid[])
 ORDER BY so.station_id, so.priority, so.set_at, so.work_order_id`,
);

/** The queues of these stations, one behind the other. */
export const queuesOf = (
  sql: Sql,
  stations: readonly LockedStation[],
): Promise<readonly Queued[]> => sql.rows(QUEUES, { stationIds: stations.map(({ id }) => id) });

const PUT = statement(
  ["orderId", "stationIds", "priority"],
  z.object({}),
  `
INSERT INTO station_order AS so (station_id, work_order_id, priority, set_at)
SELECT station, :orderId::uuid, :priority::int, clock_timestamp() FROM unnest(:stationIds::uuid[]) AS station
ON CONFLICT (station_id, work_order_id) DO UPDATE SET priority = excluded.priority, set_at = excluded.set_at
 WHERE so.priority <> excluded.priority`,
);

/** Puts an order into queues that do not have it, and changes its priority in those that do. */
export async function putIntoQueues(
  sql: Sql,
  orderId: string,
  stations: readonly LockedStation[],
  priority: number,
): Promise<void> {
  await sql.rows(PUT, { orderId, priority, stationIds: stations.map(({ id }) => id) });
}

const TAKE = statement(
  ["orderId", "stationIds"],
  z.object({ stationId: z.string() }),
  `DELETE FROM station_order WHERE work_order_id = :orderId AND station_id = ANY(:stationIds::uuid[])
RETURNING station_id AS "stationId"`,
);

/** Takes an order out of queues. Those that had it. */
export async function takeFromQueues(
  sql: Sql,
  orderId: string,
  stations: readonly LockedStation[],
): Promise<readonly LockedStation[]> {
  const taken = await sql.rows(TAKE, { orderId, stationIds: stations.map(({ id }) => id) });
  return stations.filter(({ id }) => taken.some(({ stationId }) => stationId === id));
}

const EMPTY = statement(
  ["orderId"],
  Station,
  `
DELETE FROM station_order so USING station s, line l
 WHERE so.work_order_id = :orderId AND s.id = so.station_id AND l.id = s.line_id
RETURNING s.id, s.name, l.plant_id AS "plantId"`,
);

/** Takes an order out of every queue. The stations that had it, by name. */
export async function emptyQueues(sql: Sql, orderId: string): Promise<readonly LockedStation[]> {
  const stations = await sql.rows(EMPTY, { orderId });
  return stations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The plant that all the stations are in; null where they are in several, or there are none. */
export function onlyPlant(stations: readonly { readonly plantId: string }[]): string | null {
  const plants = new Set(stations.map(({ plantId }) => plantId));
  const [plant] = plants;
  return plants.size === 1 && plant !== undefined ? plant : null;
}
