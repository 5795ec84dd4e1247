import type { WorkOrderView } from "@flashline/contract";
import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";

export interface NewOrder {
  readonly number: string;
  readonly productId: string;
  readonly releaseId: string;
  readonly stepId: string;
  readonly quantity: number;
  readonly stationIds: readonly string[];
}
export interface ReleaseFacts {
  readonly productId: string;
  readonly stepId: string;
  readonly releaseId: string | null;
  readonly state: string | null;
  readonly expired: boolean;
}
type OrderRow = Omit<WorkOrderView, "createdAt" | "state" | "stations"> & {
  readonly state: string;
  readonly stations: readonly string[];
  readonly createdAt: Date;
};

/** One job counts once a unit: PASSED before everything, then open, then failed. */
const SELECT = `SELECT w.id, w.number, p.name AS product, r.version, w.quantity, w.state, w.created_at AS "createdAt",
    t.passed, t.running, t.failed,
    ARRAY(SELECT s.name FROM station s WHERE s.active_work_order_id = w.id ORDER BY s.name) AS stations
  FROM work_order w JOIN product p ON p.id = w.product_id JOIN release r ON r.id = w.release_id ${tallySql("w.id")}`;
const LATEST_FIRST = "ORDER BY w.created_at DESC, w.id DESC";
const PAGE = `${SELECT} WHERE w.id IN (SELECT w.id FROM work_order w ${LATEST_FIRST} LIMIT $1) ${LATEST_FIRST}`;
const NEXT_PAGE = `${SELECT} WHERE w.id IN (
  SELECT w.id FROM work_order w
   WHERE (w.created_at, w.id) < ((SELECT created_at FROM work_order WHERE id = $2::uuid), $2::uuid)
   ${LATEST_FIRST} LIMIT $1) ${LATEST_FIRST}`;

export type OrdersRepository = ReturnType<typeof ordersRepository>;

export function ordersRepository({ sql, prisma, transaction }: Database) {
  return {
    /** The latest first, `limit` of them; those after the order whose id is `after`. */
    orders: (limit: number, after: string | undefined) =>
      after === undefined
        ? sql.query<OrderRow>(PAGE, [limit])
        : sql.query<OrderRow>(NEXT_PAGE, [limit, after]),
    async order(where: { id: string } | { number: string }): Promise<OrderRow | undefined> {
      const [column, value] = "id" in where ? ["w.id", where.id] : ["w.number", where.number];
      return (await sql.query<OrderRow>(`${SELECT} WHERE ${column} = $1`, [value]))[0];
    },
    /** The product's flash step and its release of this version, as far as they exist. */
    async release(product: string, version: string): Promise<ReleaseFacts | undefined> {
      const rows = await sql.query<ReleaseFacts>(
        `SELECT p.id AS "productId", step.id AS "stepId", r.id AS "releaseId", r.state,
           coalesce(r.expires_at < now(), false) AS expired
         FROM product p JOIN process_step step ON step.product_id = p.id AND step.name = 'flash'
         LEFT JOIN release r ON r.product_id = p.id AND r.version = $2 WHERE p.name = $1`,
        [product, version],
      );
      return rows[0];
    },
    stations(names: readonly string[]): Promise<readonly { id: string; name: string }[]> {
      return prisma.station.findMany({
        where: { name: { in: [...names] } },
        select: { id: true, name: true },
      });
    },
    addOrder(order: NewOrder, actor: string): Promise<void> {
      return transaction(async (tx) => {
        const id = newId();
        await tx.execute(
          `INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [id, order.number, order.productId, order.releaseId, order.stepId, order.quantity, actor],
        );
        await tx.execute(
          "UPDATE station SET active_work_order_id = $1 WHERE id = ANY($2::uuid[])",
          [id, [...order.stationIds]],
        );
        await appendAudit(tx, {
          actor,
          action: "work-order.add",
          subject: `work order ${order.number}`,
          after: order,
        });
      });
    },
    /** False when it is closed already. Jobs that run finish. */
    close(id: string, number: string, actor: string): Promise<boolean> {
      return transaction(async (tx) => {
        const count = await tx.execute(
          "UPDATE work_order SET state = 'closed' WHERE id = $1 AND state = 'open'",
          [id],
        );
        if (count === 0) return false;
        await tx.execute(
          "UPDATE station SET active_work_order_id = NULL WHERE active_work_order_id = $1",
          [id],
        );
        await appendAudit(tx, {
          actor,
          action: "work-order.close",
          subject: `work order ${number}`,
        });
        return true;
      });
    },
  };
}

export type { OrderRow };
