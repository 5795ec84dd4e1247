import { ChannelView } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Row = ChannelView.extend({ createdAt: z.date(), movedAt: z.date().nullable() });
export type ChannelRow = z.infer<typeof Row>;

const SELECT = `
SELECT c.id, p.name AS product, c.name, r.version, c.release_id AS "releaseId", c.reason, c.moved_by AS "movedBy", c.moved_at AS "movedAt",
       c.created_by AS "createdBy", c.created_at AS "createdAt",
       ARRAY(SELECT w.number FROM work_order w WHERE w.channel_id = c.id AND w.state = 'open' ORDER BY w.number) AS orders
  FROM channel c JOIN product p ON p.id = c.product_id LEFT JOIN release r ON r.id = c.release_id`;

/** So many are listed at most: a product has a few. */
const MOST = 1000;
const CHANNELS = statement(
  ["product"],
  Row,
  `${SELECT} WHERE :product::text IS NULL OR p.name = :product ORDER BY p.name, c.name LIMIT ${MOST}`,
);
const BY_ID = statement(["id"], Row, `${SELECT} WHERE c.id = :id`);
const BY_NAME = statement(
  ["product", "name"],
  Row,
  `${SELECT} WHERE p.name = :product AND c.name = :name`,
);

/** By product, then by name. `product` null: of all. */
export const channelsOf = (sql: Sql, product: string | null): Promise<readonly ChannelRow[]> =>
  sql.rows(CHANNELS, { product });
export const channelById = (sql: Sql, id: string): Promise<ChannelRow | undefined> =>
  sql.row(BY_ID, { id });
export const channelNamed = (
  sql: Sql,
  product: string,
  name: string,
): Promise<ChannelRow | undefined> => sql.row(BY_NAME, { product, name });

const ADD = statement(
  ["id", "product", "name", "reason", "createdBy"],
  z.object({ id: z.string() }),
  `
INSERT INTO channel (id, product_id, name, reason, created_by)
SELECT :id::uuid, p.id, :name, :reason, :createdBy FROM product p WHERE p.name = :product
ON CONFLICT (product_id, name) DO NOTHING RETURNING id`,
);
/** False where the product has a channel of this name, or there is no such product. */
export const addChannel = async (
  sql: Sql,
  channel: {
    readonly id: string;
    readonly product: string;
    readonly name: string;
    readonly reason: string;
    readonly createdBy: string;
  },
): Promise<boolean> => (await sql.row(ADD, channel)) !== undefined;

/** A channel whose row is locked: no order begins to follow it meanwhile. */
const LOCKED = z.object({
  id: z.string(),
  name: z.string(),
  releaseId: z.string().nullable(),
  version: z.string().nullable(),
});
/** No join: a channel that was moved while this waited for it would show what was in it before. */
const COLUMNS = `c.id, c.name, c.release_id AS "releaseId", (SELECT version FROM release WHERE id = c.release_id) AS version`;
const LOCK_NAMED = statement(
  ["productId", "names"],
  LOCKED,
  `SELECT ${COLUMNS} FROM channel c WHERE c.product_id = :productId AND c.name = ANY(:names::text[]) ORDER BY c.id FOR NO KEY UPDATE`,
);
export const lockChannels = (sql: Sql, productId: string, names: readonly string[]) =>
  sql.rows(LOCK_NAMED, { productId, names: [...names] });
const LOCK_WITH = statement(
  ["releaseId"],
  LOCKED,
  `SELECT ${COLUMNS} FROM channel c WHERE c.release_id = :releaseId ORDER BY c.id FOR NO KEY UPDATE`,
);
export const lockChannelsWith = (sql: Sql, releaseId: string) => sql.rows(LOCK_WITH, { releaseId });

const MOVE = statement(
  ["ids", "releaseId", "reason", "movedBy"],
  z.object({}),
  `
UPDATE channel SET release_id = :releaseId::uuid, reason = :reason, moved_by = :movedBy, moved_at = now() WHERE id = ANY(:ids::uuid[])`,
);
/** `releaseId` null: nothing is in them any more. */
export async function setRelease(
  sql: Sql,
  ids: readonly string[],
  to: {
    readonly releaseId: string | null;
    readonly reason: string;
    readonly movedBy: string;
  },
): Promise<void> {
  await sql.rows(MOVE, { ids: [...ids], ...to });
}

const FOLLOWERS = statement(
  ["ids"],
  z.object({ id: z.string() }),
  `SELECT id FROM work_order WHERE channel_id = ANY(:ids::uuid[]) AND state = 'open'`,
);
/** Ids of the open orders that follow one of the channels. */
export const followersOf = async (sql: Sql, ids: readonly string[]): Promise<readonly string[]> =>
  (await sql.rows(FOLLOWERS, { ids: [...ids] })).map(({ id }) => id);

const REMOVE = statement(
  ["id"],
  z.object({ id: z.string() }),
  `DELETE FROM channel c WHERE c.id = :id AND NOT EXISTS (SELECT FROM work_order w WHERE w.channel_id = c.id AND w.state = 'open') RETURNING c.id`,
);
const LOCK_ONE = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM channel WHERE id = :id FOR UPDATE",
);
/** False where an open order follows it, or it is gone. */
export async function removeChannel(sql: Sql, id: string): Promise<boolean> {
  // A statement of its own: an order that began to follow it while this waited must be seen.
  await sql.row(LOCK_ONE, { id });
  return (await sql.row(REMOVE, { id })) !== undefined;
}
