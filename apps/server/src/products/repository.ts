import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const ProductRecord = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  chip: z.string(),
  boardRevisions: z.array(z.string()),
  serialPattern: z.string().nullable(),
  registration: z.string(),
  allowVirtual: z.boolean(),
  retestLimit: z.number(),
  retiredAt: z.date().nullable(),
  units: z.number(),
});
/** A product with how many units of it there are. */
export type ProductRecord = Readonly<z.infer<typeof ProductRecord>>;
/** A product that is to be added. */
export type NewProduct = Omit<ProductRecord, "id" | "units" | "retiredAt">;

export type ProductsRepository = ReturnType<typeof productsRepository>;

const FLASH_STEP = { name: "flash", position: 1 } as const;
const SELECT = `
SELECT p.id, p.name, p.title, p.chip, p.board_revisions AS "boardRevisions", p.serial_pattern AS "serialPattern",
       p.registration, p.allow_virtual AS "allowVirtual", p.retest_limit AS "retestLimit", p.retired_at AS "retiredAt", t.units
  FROM product p ${tallySql("p.id")}`;
const PRODUCTS = statement([], ProductRecord, `${SELECT} ORDER BY p.name`);
const BY_NAME = statement(["name"], ProductRecord, `${SELECT} WHERE p.name = :name`);
const BY_ID = statement(["id"], ProductRecord, `${SELECT} WHERE p.id = :id::uuid`);
const LOCK = statement(
  ["id"],
  z.object({ name: z.string(), retestLimit: z.number() }),
  `SELECT name, retest_limit AS "retestLimit" FROM product WHERE id = :id::uuid FOR UPDATE`,
);

/** What may be changed of a product. */
const Properties = ProductRecord.pick({
  title: true,
  boardRevisions: true,
  serialPattern: true,
  allowVirtual: true,
}).extend({ registration: z.enum(["listed", "pattern"]), retired: z.boolean() });
type Properties = z.infer<typeof Properties>;
const LOCK_PROPERTIES = statement(
  ["idOrName"],
  Properties.extend({ id: z.string(), name: z.string() }),
  `
SELECT id, name, title, board_revisions AS "boardRevisions", serial_pattern AS "serialPattern", registration, allow_virtual AS "allowVirtual",
       retired_at IS NOT NULL AS retired
  FROM product WHERE id::text = lower(:idOrName) OR name = :idOrName ORDER BY id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);
const SET_PROPERTIES = statement(
  ["id", "title", "boardRevisions", "serialPattern", "registration", "allowVirtual", "retired"],
  z.object({}),
  `UPDATE product SET title = :title, board_revisions = :boardRevisions::text[], serial_pattern = :serialPattern::text,
          registration = :registration, allow_virtual = :allowVirtual::boolean,
          retired_at = CASE WHEN :retired::boolean THEN coalesce(retired_at, now()) END WHERE id = :id::uuid`,
);

export function productsRepository({ sql, transaction }: Database) {
  return {
    products: (): Promise<readonly ProductRecord[]> => sql.rows(PRODUCTS, {}),
    product: (name: string): Promise<ProductRecord | undefined> => sql.row(BY_NAME, { name }),
    addProduct(product: NewProduct, by: Origin): Promise<string> {
      return transaction(async (sql) => {
        const id = newId();
        await sql.execute(
          `INSERT INTO product (id, name, title, chip, board_revisions, serial_pattern, registration, allow_virtual, retest_limit)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            id,
            product.name,
            product.title,
            product.chip,
            [...product.boardRevisions],
            product.serialPattern,
            product.registration,
            product.allowVirtual,
            product.retestLimit,
          ],
        );
        await sql.execute(
          "INSERT INTO process_step (id, product_id, name, position) VALUES ($1, $2, $3, $4)",
          [newId(), id, FLASH_STEP.name, FLASH_STEP.position],
        );
        const { name, ...after } = product;
        await recordEvent(sql, {
          kind: "product.added",
          by,
          subject: { id, name },
          after,
          data: {},
        });
        return id;
      });
    },
    replacePattern(
      product: Pick<ProductRecord, "id" | "name" | "serialPattern">,
      serialPattern: string | null,
      by: Origin,
    ): Promise<void> {
      return transaction(async (sql) => {
        await sql.execute("UPDATE product SET serial_pattern = $2 WHERE id = $1", [
          product.id,
          serialPattern,
        ]);
        await recordEvent(sql, {
          kind: "product.pattern-replaced",
          by,
          subject: { id: product.id, name: product.name },
          before: { serialPattern: product.serialPattern },
          after: { serialPattern },
          data: {},
        });
      });
    },
    /** Undefined where there is no such product. `check` throws for what cannot be. */
    change(
      idOrName: string,
      change: { readonly [K in keyof Properties]?: Properties[K] | undefined },
      check: (after: Properties) => void,
      { reason, by }: { readonly reason: string; readonly by: Origin },
    ): Promise<ProductRecord | undefined> {
      return transaction(async (sql) => {
        const locked = await sql.row(LOCK_PROPERTIES, { idOrName });
        if (locked === undefined) return undefined;
        const { id, name, ...before } = locked;
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        const after: Properties = { ...before, ...Object.fromEntries(given) };
        check(after);
        const differs = (Object.keys(after) as (keyof Properties)[]).filter(
          (key) => JSON.stringify(after[key]) !== JSON.stringify(before[key]),
        );
        if (differs.length > 0) {
          await sql.row(SET_PROPERTIES, { id, ...after });
          const only = (of: Properties) => Object.fromEntries(differs.map((key) => [key, of[key]]));
          await recordEvent(sql, {
            kind: "product.changed",
            by,
            subject: { id, name },
            before: only(before),
            after: only(after),
            reason,
            data: {},
          });
        }
        return await sql.row(BY_ID, { id });
      });
    },
    /** Undefined where there is no such product. */
    setRetestLimit(
      id: string,
      limit: number,
      reason: string,
      by: Origin,
    ): Promise<ProductRecord | undefined> {
      return transaction(async (sql) => {
        const before = await sql.row(LOCK, { id });
        if (before === undefined) return undefined;
        if (before.retestLimit !== limit) {
          await sql.execute("UPDATE product SET retest_limit = $2 WHERE id = $1", [id, limit]);
          await recordEvent(sql, {
            kind: "product.retest-limit-changed",
            by,
            subject: { id, name: before.name },
            before: { retestLimit: before.retestLimit },
            after: { retestLimit: limit },
            reason,
            data: {},
          });
        }
        return await sql.row(BY_ID, { id });
      });
    },
  };
}
