import { FlashlineError, type UnitDetail } from "@flashline/contract";
import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { newId } from "../ids.ts";
import { COUNTED_SQL } from "../jobs/moves.ts";

export interface RangeRow {
  readonly product: string;
  readonly name: string;
  readonly kind: string;
  /** As text: PostgreSQL's bigint. */
  readonly first: string;
  readonly last: string;
  readonly left: string;
}
export interface NewRange {
  readonly product: { readonly id: string; readonly name: string };
  readonly name: string;
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}
/** One unit's values, secrets sealed. */
export interface GivenUnit {
  readonly serial: string;
  /** Of values and secrets. */
  readonly names: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly seal: (unitId: string) => Readonly<Record<string, Buffer>>;
}

const RANGES = `
SELECT p.name AS product, r.name, r.kind, r.first, r.last, r.last - r.next + 1 AS left
  FROM number_range r JOIN product p ON p.id = r.product_id`;

/** Stretches that share a number: of the same name in the product, and of MAC addresses anywhere. */
const OVERLAPPING = `${RANGES}
 WHERE int8range(r.first, r.last, '[]') && int8range($1, $2, '[]')
   AND (r.product_id = $3 AND r.name = $4 OR r.kind = 'mac' AND $5 = 'mac') LIMIT 1`;

const OF_UNIT = `
SELECT name, value::text AS value, 'range' AS source FROM unit_number WHERE unit_id = $1
UNION ALL SELECT name, value, 'given' FROM unit_value WHERE unit_id = $1
UNION ALL SELECT name, NULL, 'secret' FROM unit_secret WHERE unit_id = $1 AND expires_at > now()
ORDER BY source DESC, name`;

export type ValuesRepository = ReturnType<typeof valuesRepository>;

export function valuesRepository({ sql, transaction }: Database) {
  return {
    ranges: (product: string | null) =>
      sql.query<RangeRow>(
        `${RANGES} WHERE $1::text IS NULL OR p.name = $1 ORDER BY p.name, r.name, r.created_at, r.id`,
        [product],
      ),
    /** Adds the stretch, or answers with the one that shares a number with it. */
    addRange(range: NewRange, actor: string): Promise<RangeRow | null> {
      return transaction(async (tx) => {
        // One at a time: what is looked for must still be so when it is added.
        await tx.query("LOCK TABLE number_range IN SHARE ROW EXCLUSIVE MODE");
        const { product, name, kind, first, last } = range;
        const [other] = await tx.query<RangeRow>(OVERLAPPING, [
          first,
          last,
          product.id,
          name,
          kind,
        ]);
        if (other !== undefined) return other;
        await tx.execute(
          `INSERT INTO number_range (id, product_id, name, kind, first, last, next, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $5, $7)`,
          [newId(), product.id, name, kind, first, last, actor],
        );
        await appendAudit(tx, {
          actor,
          action: "range.add",
          subject: `product ${product.name}`,
          after: { name, kind, first, last },
        });
        return null;
      });
    },
    /**
     * Stores all, or rejects with `values.settled` and stores nothing. The audit has the names: a secret that was given as a
     * plain value by mistake must not stay there for ever.
     */
    give(
      product: { readonly id: string; readonly name: string },
      units: readonly GivenUnit[],
      keepHours: number,
      actor: string,
    ): Promise<void> {
      return transaction(async (tx) => {
        for (const unit of units) {
          const unitId = await lockedUnit(tx, product.id, unit.serial);
          if (await isSettled(tx, unitId)) {
            throw new FlashlineError("values.settled", `${unit.serial} is in work or has passed.`);
          }
          await giveTo(tx, unitId, unit, keepHours, actor);
        }
        await appendAudit(tx, {
          actor,
          action: "units.values",
          subject: `product ${product.name}`,
          after: { units: units.map(({ serial, names }) => ({ serial, names })) },
        });
      });
    },
    /** Secrets whose time is over; how many. */
    forgetSecrets: () => sql.execute("DELETE FROM unit_secret WHERE expires_at <= now()"),
    ofUnit: (unitId: string) => sql.query<UnitDetail["values"][number]>(OF_UNIT, [unitId]),
  };
}

/** The lock is the one under which a result decides what a unit's first attempt was: a PASS waits for it, or is seen. */
async function lockedUnit(tx: Sql, productId: string, serial: string): Promise<string> {
  await tx.execute(
    `INSERT INTO unit (id, product_id, serial) VALUES ($1, $2, $3)
     ON CONFLICT (product_id, serial) DO NOTHING`,
    [newId(), productId, serial],
  );
  const [unit] = await tx.query<{ id: string }>(
    "SELECT id FROM unit WHERE product_id = $1 AND serial = $2 FOR NO KEY UPDATE",
    [productId, serial],
  );
  return unit?.id ?? "";
}

/** A name is a value or a secret, whichever it was given as last. */
async function giveTo(
  tx: Sql,
  unitId: string,
  unit: GivenUnit,
  keepHours: number,
  actor: string,
): Promise<void> {
  for (const table of ["unit_value", "unit_secret"]) {
    await tx.execute(`DELETE FROM ${table} WHERE unit_id = $1 AND name = ANY($2)`, [
      unitId,
      [...unit.names],
    ]);
  }
  for (const [name, value] of Object.entries(unit.values)) {
    await tx.execute(
      "INSERT INTO unit_value (unit_id, name, value, given_by) VALUES ($1, $2, $3, $4)",
      [unitId, name, value, actor],
    );
  }
  for (const [name, sealed] of Object.entries(unit.seal(unitId))) {
    await tx.execute(
      `INSERT INTO unit_secret (unit_id, name, sealed, expires_at, given_by)
       VALUES ($1, $2, $3, now() + $4 * interval '1 hour', $5)`,
      [unitId, name, sealed, keepHours, actor],
    );
  }
}

async function isSettled(tx: Sql, unitId: string): Promise<boolean> {
  const jobs = await tx.query(
    `SELECT 1 FROM job WHERE unit_id = $1 AND state IN (${COUNTED_SQL}) AND state <> 'UNKNOWN' LIMIT 1`,
    [unitId],
  );
  return jobs.length > 0;
}
