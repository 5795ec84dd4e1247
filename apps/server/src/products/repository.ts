import type { Database } from "../db/database.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

export interface ProductRecord {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  readonly boardRevisions: readonly string[];
  readonly serialPattern: string | null;
  readonly registration: string;
  readonly allowVirtual: boolean;
  readonly retestLimit: number;
  readonly units: number;
}
export type NewProduct = Omit<ProductRecord, "id" | "units">;

export type ProductsRepository = ReturnType<typeof productsRepository>;

const FLASH_STEP = { name: "flash", position: 1 } as const;
const SELECT = `
SELECT p.id, p.name, p.title, p.chip, p.board_revisions AS "boardRevisions", p.serial_pattern AS "serialPattern",
       p.registration, p.allow_virtual AS "allowVirtual", p.retest_limit AS "retestLimit", t.units
  FROM product p ${tallySql("p.id")}`;

export function productsRepository({ sql, transaction }: Database) {
  return {
    products: () => sql.query<ProductRecord>(`${SELECT} ORDER BY p.name`),
    async product(name: string): Promise<ProductRecord | undefined> {
      return (await sql.query<ProductRecord>(`${SELECT} WHERE p.name = $1`, [name]))[0];
    },
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
    /** Undefined where there is no such product. */
    setRetestLimit(
      id: string,
      limit: number,
      reason: string,
      by: Origin,
    ): Promise<ProductRecord | undefined> {
      return transaction(async (sql) => {
        const [before] = await sql.query<{ name: string; retestLimit: number }>(
          `SELECT name, retest_limit AS "retestLimit" FROM product WHERE id = $1 FOR UPDATE`,
          [id],
        );
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
        return (await sql.query<ProductRecord>(`${SELECT} WHERE p.id = $1`, [id]))[0];
      });
    },
  };
}
