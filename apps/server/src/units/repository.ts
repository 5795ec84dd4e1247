import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { GoodRow } from "./rows.ts";

const Product = z.object({
  id: z.string(),
  name: z.string(),
  serialPattern: z.string().nullable(),
  boardRevisions: z.array(z.string()),
});
const PRODUCT = statement(
  ["name"],
  Product,
  `SELECT id, name, serial_pattern AS "serialPattern", board_revisions AS "boardRevisions" FROM product WHERE name = :name`,
);
/** The product with this name. */
export const productNamed = (sql: Sql, name: string) => sql.row(PRODUCT, { name });

const Order = z.object({
  id: z.string(),
  number: z.string(),
  productId: z.string(),
  open: z.boolean(),
});
const ORDERS = statement(
  ["numbers"],
  Order,
  `SELECT id, number, product_id AS "productId", state = 'open' AS open FROM work_order WHERE number = ANY(:numbers::text[])`,
);
/** The orders with these numbers, as far as they exist. */
export const ordersNamed = (sql: Sql, numbers: readonly string[]) =>
  sql.rows(ORDERS, { numbers: [...numbers] });

/** By serial, so that two lists with the same units do not wait for each other. */
const ADD = statement(
  ["productId", "ids", "serials", "boardRevisions", "batches", "orderIds"],
  z.object({ serial: z.string() }),
  `
INSERT INTO unit (id, product_id, serial, board_revision, batch, work_order_id)
SELECT given.id, :productId::uuid, given.serial, given.board_revision, given.batch, given.order_id
  FROM unnest(:ids::uuid[], :serials::text[], :boardRevisions::text[], :batches::text[], :orderIds::uuid[])
    AS given(id, serial, board_revision, batch, order_id)
 ORDER BY given.serial
ON CONFLICT (product_id, serial) DO NOTHING
RETURNING serial`,
);
/** Registers units that are not there yet. Their serials. */
export async function addUnits(
  sql: Sql,
  productId: string,
  rows: readonly GoodRow[],
): Promise<ReadonlySet<string>> {
  const added = await sql.rows(ADD, {
    productId,
    ids: rows.map(() => newId()),
    serials: rows.map(({ serial }) => serial),
    boardRevisions: rows.map(({ boardRevision }) => boardRevision),
    batches: rows.map(({ batch }) => batch),
    orderIds: rows.map(({ orderId }) => orderId),
  });
  return new Set(added.map(({ serial }) => serial));
}

const Unit = z.object({
  serial: z.string(),
  boardRevision: z.string().nullable(),
  batch: z.string().nullable(),
  order: z.string().nullable(),
});
const UNITS = statement(
  ["productId", "serials"],
  Unit,
  `
SELECT u.serial, u.board_revision AS "boardRevision", u.batch, w.number AS "order"
  FROM unit u LEFT JOIN work_order w ON w.id = u.work_order_id
 WHERE u.product_id = :productId AND u.serial = ANY(:serials::text[])`,
);
/** What is known of these units. */
export const unitsNamed = (sql: Sql, productId: string, serials: readonly string[]) =>
  sql.rows(UNITS, { productId, serials: [...serials] });
