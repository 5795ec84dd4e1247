import { Id } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";

const Locked = z.object({
  id: z.string(),
  number: z.string(),
  productId: z.string(),
  product: z.string(),
  version: z.string(),
  /** The channel that it follows. */
  channelId: z.string().nullable(),
  channel: z.string().nullable(),
  state: z.string(),
  quantity: z.number(),
  /** By jobs, and by grants of stations without the server. */
  used: z.number(),
});
/** An order that is about to be changed: its row is locked, no job of it is entered or counted meanwhile. */
export type LockedOrder = z.infer<typeof Locked>;

/**
 * By id, so that two that change the same orders do not wait for each other. Before the rows of stations. No join: an order that got another
 * release while this waited for it would be left out.
 */
const LOCK = statement(
  ["ids"],
  Locked,
  `
SELECT w.id, w.number, w.product_id AS "productId", (SELECT name FROM product WHERE id = w.product_id) AS product,
       (SELECT version FROM release WHERE id = w.release_id) AS version, w.channel_id AS "channelId",
       (SELECT name FROM channel WHERE id = w.channel_id) AS channel, w.state, w.quantity,
       w.used + w.reserved AS used
  FROM work_order w WHERE w.id = ANY(:ids::uuid[]) ORDER BY w.id FOR NO KEY UPDATE`,
);

export const lockOrders = (sql: Sql, ids: readonly string[]): Promise<readonly LockedOrder[]> =>
  sql.rows(LOCK, { ids: [...ids] });

const IDS = statement(
  ["name", "id"],
  z.object({ id: z.string() }),
  `
SELECT id FROM work_order WHERE number = :name::text OR id = :id::uuid ORDER BY number = :name::text DESC LIMIT 1`,
);

/** The id of the order with this number or id. */
export const orderNamed = async (sql: Sql, name: string): Promise<string | undefined> =>
  (await sql.row(IDS, { name, id: Id.safeParse(name).success ? name : null }))?.id;

const FOLLOWED_BY = statement(
  ["id"],
  z.object({ product: z.string(), channel: z.string().nullable() }),
  `
SELECT p.name AS product, c.name AS channel FROM work_order w JOIN product p ON p.id = w.product_id LEFT JOIN channel c ON c.id = w.channel_id
 WHERE w.id = :id`,
);
/** Which channel an order follows, read without a lock: channels are locked before orders. */
export const followedBy = async (
  sql: Sql,
  id: string,
): Promise<z.infer<(typeof FOLLOWED_BY)["row"]>> =>
  (await sql.row(FOLLOWED_BY, { id })) ?? { product: "", channel: null };

const SET = statement(
  ["id", "state", "quantity", "releaseId", "follows", "channelId"],
  z.object({}),
  `
UPDATE work_order SET state = coalesce(:state::text, state), quantity = coalesce(:quantity::int, quantity),
       release_id = coalesce(:releaseId::uuid, release_id),
       channel_id = CASE WHEN :follows::boolean THEN :channelId::uuid ELSE channel_id END
 WHERE id = :id`,
);

/** Writes what was decided under the order's lock. */
export async function changeOrder(
  sql: Sql,
  id: string,
  change: {
    readonly state?: "open";
    readonly quantity?: number;
    readonly releaseId?: string;
    /** Null: it follows no channel any more. */
    readonly channelId?: string | null;
  },
): Promise<void> {
  const { state = null, quantity = null, releaseId = null, channelId } = change;
  const follows = channelId !== undefined;
  await sql.rows(SET, { id, state, quantity, releaseId, follows, channelId: channelId ?? null });
}

const AT_STATIONS = statement(
  ["id"],
  z.object({
    station: z.string(),
    line: z.string(),
    plant: z.string(),
    priority: z.number(),
    active: z.boolean(),
    behind: z.string().nullable(),
    inWork: z.number(),
  }),
  `
SELECT s.name AS station, l.name AS line, p.name AS plant, so.priority,
       coalesce(first.id = so.work_order_id, false) AS active,
       CASE WHEN first.id <> so.work_order_id THEN first.number END AS behind,
       (SELECT count(*)::int FROM job j WHERE j.station_id = s.id AND j.work_order_id = so.work_order_id
           AND j.state IN (${OPEN_SQL})) AS "inWork"
  FROM station_order so JOIN work_order w ON w.id = so.work_order_id
  JOIN station s ON s.id = so.station_id JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
  LEFT JOIN LATERAL (
    SELECT o.id, o.number FROM station_order other JOIN work_order o ON o.id = other.work_order_id
     WHERE other.station_id = s.id AND o.state = 'open' AND o.product_id = w.product_id AND o.used + o.reserved < o.quantity
     ORDER BY other.priority, other.set_at, o.id LIMIT 1) first ON true
 WHERE so.work_order_id = :id ORDER BY p.name, l.name, s.name`,
);
/** An order's place at each of its stations. */
export const orderAtStations = (sql: Sql, id: string) => sql.rows(AT_STATIONS, { id });

const ABOUT = statement(
  ["id"],
  z.object({ releaseState: z.string(), createdBy: z.string() }),
  `
SELECT CASE WHEN r.state = 'released' AND r.expires_at <= now() THEN 'expired' ELSE r.state END AS "releaseState",
       w.created_by AS "createdBy"
  FROM work_order w JOIN release r ON r.id = w.release_id WHERE w.id = :id`,
);
/** What only the view of one order shows. */
export const aboutOrder = (sql: Sql, id: string) => sql.row(ABOUT, { id });
