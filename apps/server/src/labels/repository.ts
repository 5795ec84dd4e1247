import { createHash } from "node:crypto";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/** ZPL and what is scanned back, as they were given. */
export interface ProductLabel {
  readonly template: string | null;
  readonly scanBack: string | null;
}

const Product = z.object({
  name: z.string(),
  template: z.string().nullable(),
  scanBack: z.string().nullable(),
  /** What its latest release is called; null: it has none. */
  version: z.string().nullable(),
});
export type LabelProduct = Readonly<z.infer<typeof Product>>;

const COLUMNS = `p.name, p.label_template AS template, p.label_scan_back AS "scanBack",
       (SELECT r.version FROM release r WHERE r.product_id = p.id ORDER BY r.counter DESC LIMIT 1) AS version`;
const PRODUCT = statement(
  ["id"],
  Product,
  `SELECT ${COLUMNS} FROM product p WHERE p.id = :id::uuid`,
);
const LOCK = statement(
  ["id"],
  Product,
  `SELECT ${COLUMNS} FROM product p WHERE p.id = :id::uuid FOR NO KEY UPDATE OF p`,
);
const SET = statement(
  ["id", "template", "scanBack"],
  z.object({}),
  "UPDATE product SET label_template = :template, label_scan_back = :scanBack WHERE id = :id::uuid",
);

const Field = z.object({ name: z.string(), from: z.string(), value: z.string().nullable() });
/** A field of the product's releases that may be printed, with what the unit has of it. */
export type LabelField = Readonly<z.infer<typeof Field>>;

/** Of releases that use a name in two ways the latest one counts. A release that was revoked is flashed no more. */
const FIELDS = statement(
  ["id", "serial"],
  Field,
  `
SELECT DISTINCT ON (f ->> 'name') f ->> 'name' AS name, f ->> 'from' AS "from",
       CASE f ->> 'from'
         WHEN 'range' THEN (SELECT n.value::text FROM unit_number n WHERE n.unit_id = u.id AND n.name = f ->> 'range')
         ELSE (SELECT v.value FROM unit_value v WHERE v.unit_id = u.id AND v.name = f ->> 'name') END AS value
  FROM release r CROSS JOIN LATERAL jsonb_array_elements(coalesce(r.recipe -> 'fields', '[]')) f
  LEFT JOIN unit u ON u.product_id = r.product_id AND u.serial = :serial
 WHERE r.product_id = :id::uuid AND r.state <> 'revoked'
   AND f ->> 'from' IN ('range', 'given') AND NOT coalesce((f ->> 'secret')::boolean, false)
 ORDER BY f ->> 'name', r.counter DESC`,
);

export type LabelsRepository = ReturnType<typeof labelsRepository>;

/** A template is up to 32,000 characters long: the ledger has which one it was, not what it says. */
const told = ({ template, scanBack }: ProductLabel) => ({
  template:
    template === null
      ? null
      : {
          sha256: createHash("sha256").update(template).digest("hex"),
          characters: template.length,
        },
  scanBack,
});

export function labelsRepository({ sql, transaction }: Database) {
  return {
    product: (id: string): Promise<LabelProduct | undefined> => sql.row(PRODUCT, { id }),
    /** Of no unit (null) nothing has a value. */
    fields: (id: string, serial: string | null): Promise<readonly LabelField[]> =>
      sql.rows(FIELDS, { id, serial }),
    /** False where there is no such product. */
    set(id: string, label: ProductLabel, reason: string, by: Origin): Promise<boolean> {
      return transaction(async (sql) => {
        const before = await sql.row(LOCK, { id });
        if (before === undefined) return false;
        const { template, scanBack } = label;
        if (before.template === template && before.scanBack === scanBack) return true;
        await sql.row(SET, { id, template, scanBack });
        await recordEvent(sql, {
          kind: "product.label-set",
          by,
          subject: { id, name: before.name },
          before: told(before),
          after: told(label),
          reason,
          data: {},
        });
        return true;
      });
    },
  };
}
