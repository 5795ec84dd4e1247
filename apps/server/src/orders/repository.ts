import { USUAL_PRIORITY, type WorkOrderDetail, type WorkOrderView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { aboutOrder, orderAtStations, orderNamed } from "./change.repository.ts";
import { emptyQueues, lockStations, onlyPlant, putIntoQueues } from "./queues.repository.ts";

export interface NewOrder {
  readonly number: string;
  readonly productId: string;
  readonly product: string;
  readonly releaseId: string;
  readonly version: string;
  readonly stepId: string;
  readonly quantity: number;
  readonly stations: readonly string[];
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
    w.used, t.passed, t.running, t.failed,
    ARRAY(SELECT s.name FROM station_order so JOIN station s ON s.id = so.station_id
           WHERE so.work_order_id = w.id ORDER BY s.name) AS stations
  FROM work_order w JOIN product p ON p.id = w.product_id JOIN release r ON r.id = w.release_id ${tallySql("w.id")}`;
const LATEST_FIRST = "ORDER BY w.created_at DESC, w.id DESC";
const PAGE = `${SELECT} WHERE w.id IN (SELECT w.id FROM work_order w ${LATEST_FIRST} LIMIT $1) ${LATEST_FIRST}`;
const NEXT_PAGE = `${SELECT} WHERE w.id IN (
  SELECT w.id FROM work_order w
   WHERE (w.created_at, w.id) < ((SELECT created_at FROM work_order WHERE id = $2::uuid), $2::uuid)
   ${LATEST_FIRST} LIMIT $1) ${LATEST_FIRST}`;

export type OrdersRepository = ReturnType<typeof ordersRepository>;

export function ordersRepository({ sql, transaction }: Database) {
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
    release: (product: string, version: string) => releaseFacts(sql, product, version),
    /** The id of the order with this number or id. */
    named: (name: string) => orderNamed(sql, name),
    /** What only the view of one order shows. */
    async detail(
      id: string,
    ): Promise<Pick<WorkOrderDetail, "releaseState" | "createdBy" | "queue">> {
      const [about, queue] = await Promise.all([aboutOrder(sql, id), orderAtStations(sql, id)]);
      return { releaseState: "", createdBy: "", ...about, queue: [...queue] };
    },
    addOrder(order: NewOrder, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        const id = newId();
        await tx.execute(
          `INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [
            id,
            order.number,
            order.productId,
            order.releaseId,
            order.stepId,
            order.quantity,
            actorOf(by),
          ],
        );
        const stations = await lockStations(tx, order.stations);
        await putIntoQueues(tx, id, stations, USUAL_PRIORITY);
        const { product, version, quantity } = order;
        await recordEvent(tx, {
          kind: "order.added",
          by,
          plantId: onlyPlant(stations),
          subject: { id, name: order.number },
          data: { product, version, quantity, stations: stations.map(({ name }) => name) },
        });
      });
    },
    /** False when it is closed already. Jobs that run finish. */
    close(id: string, number: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const count = await tx.execute(
          "UPDATE work_order SET state = 'closed' WHERE id = $1 AND state = 'open'",
          [id],
        );
        if (count === 0) return false;
        const stations = await emptyQueues(tx, id);
        await recordEvent(tx, {
          kind: "order.closed",
          by,
          plantId: onlyPlant(stations),
          subject: { id, name: number },
          before: { state: "open" },
          after: { state: "closed" },
          data: { stations: stations.map(({ name }) => name) },
        });
        return true;
      });
    },
  };
}

/** The product's flash step and its release of this version, as far as they exist. */
export async function releaseFacts(
  sql: Sql,
  product: string,
  version: string,
): Promise<ReleaseFacts | undefined> {
  const rows = await sql.query<ReleaseFacts>(
    `SELECT p.id AS "productId", step.id AS "stepId", r.id AS "releaseId", r.state,
       coalesce(r.expires_at < now(), false) AS expired
     FROM product p JOIN process_step step ON step.product_id = p.id AND step.name = 'flash'
     LEFT JOIN release r ON r.product_id = p.id AND r.version = $2 WHERE p.name = $1`,
    [product, version],
  );
  return rows[0];
}

export type { OrderRow };
