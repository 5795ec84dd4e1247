import {
  FlashlineError,
  OrderSort,
  USUAL_PRIORITY,
  type WorkOrderDetail,
  WorkOrderView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { orderableSql } from "../db/exception.ts";
import {
  columnOf,
  forEachSort,
  isDown,
  orderOfGroups,
  PRODUCTS,
  pageOfGroups,
  way,
} from "../db/sorted.ts";
import type { Sql } from "../db/sql.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { aboutOrder, orderAtStations, orderNamed } from "./change.repository.ts";
import { filledChannel } from "./channel.ts";
import { emptyQueues, lockStations, onlyPlant, putIntoQueues } from "./queues.repository.ts";

export interface NewOrder {
  readonly number: string;
  readonly productId: string;
  readonly product: string;
  /** Undefined: the one that is in the channel. */
  readonly releaseId: string | undefined;
  readonly channel: string | undefined;
  readonly stepId: string;
  readonly quantity: number;
  readonly stations: readonly string[];
}
const ReleaseFacts = z.object({
  productId: z.string(),
  stepId: z.string(),
  releaseId: z.string().nullable(),
  state: z.string().nullable(),
  expired: z.boolean(),
  /** The product is: it takes no new orders. */
  retired: z.boolean(),
  /** An exception that holds now lifts what stands in the way of the release. */
  excepted: z.boolean(),
});
export type ReleaseFacts = z.infer<typeof ReleaseFacts>;
const OrderRow = WorkOrderView.extend({ createdAt: z.date() });
export type OrderRow = z.infer<typeof OrderRow>;
export interface OrderFilter {
  readonly limit: number;
  /** The list goes on after the order with this id. */
  readonly after?: string | undefined;
  /** Without: the latest first. */
  readonly sort?: OrderSort | undefined;
}

/** One job counts once a unit: PASSED before everything, then open, then failed. `page` gives the ids of the orders. */
const ordersSql = (page: string, order = "") => `
SELECT w.id, w.number, p.name AS product, r.version, (SELECT name FROM channel WHERE id = w.channel_id) AS channel,
       w.quantity, w.state, w.created_at AS "createdAt",
       w.used, t.passed, t.running, t.failed,
       ARRAY(SELECT s.name FROM station_order so JOIN station s ON s.id = so.station_id
              WHERE so.work_order_id = w.id ORDER BY s.name) AS stations
  FROM (${page}) page JOIN work_order w ON w.id = page.id
  JOIN product p ON p.id = w.product_id JOIN release r ON r.id = w.release_id ${tallySql("w.id")}
 ${order}`;

const KEYS = { created: "created_at", number: "number" } as const;
const GROUPS = {
  state: ["state", "SELECT * FROM (VALUES ('open', 1), ('closed', 2)) v(value, key)"],
  product: ["product_id", PRODUCTS],
} as const;
const PAGES = forEachSort(OrderSort.options, (sort) => {
  const by = columnOf(sort);
  const down = isDown(sort);
  if (by === "state" || by === "product") {
    const [column, groups] = GROUPS[by];
    return statements(["limit", "after"], OrderRow, (isGiven) => {
      const page = { groups, table: "work_order", column, down, isAfter: isGiven("after") };
      return ordersSql(pageOfGroups(page), orderOfGroups(down));
    });
  }
  const key = KEYS[by];
  const { order, behind } = way(`w.${key}`, "w.id", down);
  return statements(["limit", "after"], OrderRow, (isGiven) => {
    const where = whereSql([
      isGiven("after") &&
        behind(`(SELECT ${key} FROM work_order WHERE id = :after::uuid), :after::uuid`),
    ]);
    return ordersSql(`SELECT w.id FROM work_order w ${where} ${order} LIMIT :limit`, order);
  });
});
const BY_ID = statement(["id"], OrderRow, ordersSql("SELECT :id::uuid AS id"));
const BY_NUMBER = statement(
  ["number"],
  OrderRow,
  ordersSql("SELECT id FROM work_order WHERE number = :number"),
);

const RELEASE = statement(
  ["product", "version"],
  ReleaseFacts,
  `
SELECT p.id AS "productId", step.id AS "stepId", r.id AS "releaseId", r.state,
       coalesce(r.expires_at < now(), false) AS expired, p.retired_at IS NOT NULL AS retired, ${orderableSql("r")} AS excepted
  FROM product p JOIN process_step step ON step.product_id = p.id AND step.name = 'flash'
  LEFT JOIN release r ON r.product_id = p.id AND r.version = :version::text WHERE p.name = :product`,
);

const ADD = statement(
  ["id", "number", "productId", "releaseId", "channelId", "stepId", "quantity", "createdBy"],
  z.object({ version: z.string() }),
  `
INSERT INTO work_order (id, number, product_id, release_id, channel_id, step_id, quantity, created_by)
VALUES (:id::uuid, :number, :productId::uuid, :releaseId::uuid, :channelId::uuid, :stepId::uuid, :quantity::int, :createdBy)
RETURNING (SELECT version FROM release WHERE id = release_id) AS version`,
);

/** What a new order names: its release, or what is in its channel now. */
async function releaseOf(
  tx: Sql,
  { product, releaseId, channel }: NewOrder,
): Promise<{ readonly releaseId: string; readonly channelId: string | null }> {
  if (channel !== undefined) return await filledChannel(tx, product, channel);
  if (releaseId !== undefined) return { releaseId, channelId: null };
  throw new FlashlineError("request.invalid", "An order names a release or a channel.");
}

export type OrdersRepository = ReturnType<typeof ordersRepository>;

export function ordersRepository({ sql, transaction }: Database) {
  return {
    orders({ limit, after, sort }: OrderFilter): Promise<readonly OrderRow[]> {
      const values = { limit, after };
      return sql.rows(PAGES[sort ?? "-created"](values), values);
    },
    order: (where: { id: string } | { number: string }): Promise<OrderRow | undefined> =>
      "id" in where ? sql.row(BY_ID, where) : sql.row(BY_NUMBER, where),
    /** `version` null: only the product and its step are looked for. */
    release: (product: string, version: string | null) => releaseFacts(sql, product, version),
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
        const { product, quantity } = order;
        const { releaseId, channelId } = await releaseOf(tx, order);
        const added = await tx.row(ADD, {
          id,
          number: order.number,
          productId: order.productId,
          releaseId,
          channelId,
          stepId: order.stepId,
          quantity,
          createdBy: actorOf(by),
        });
        const stations = await lockStations(tx, order.stations);
        await putIntoQueues(tx, id, stations, USUAL_PRIORITY);
        await recordEvent(tx, {
          kind: "order.added",
          by,
          plantId: onlyPlant(stations),
          subject: { id, name: order.number },
          data: {
            product,
            version: added?.version ?? "",
            channel: order.channel ?? null,
            quantity,
            stations: stations.map(({ name }) => name),
          },
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
export const releaseFacts = (
  sql: Sql,
  product: string,
  version: string | null,
): Promise<ReleaseFacts | undefined> => sql.row(RELEASE, { product, version });
