import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const RangeRow = z.object({
  product: z.string(),
  name: z.string(),
  kind: z.string(),
  /** As text: PostgreSQL's bigint. */
  first: z.string(),
  last: z.string(),
  left: z.string(),
});
/** A stretch of numbers, and how many of them are left. */
export type RangeRow = Readonly<z.infer<typeof RangeRow>>;
export interface NewRange {
  readonly product: { readonly id: string; readonly name: string };
  readonly name: string;
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}
/** One unit's values, secrets sealed. */
export interface GivenUnit {
  /** Of one request, each is another. */
  readonly serial: string;
  /** Of values and secrets. */
  readonly names: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly seal: (unitId: string) => Readonly<Record<string, Buffer>>;
}
/** Serial of a unit that is in work or has passed; undefined when none of them is. */
export type SettledUnit = (sql: Sql, unitIds: readonly string[]) => Promise<string | undefined>;

const SELECT = `
SELECT p.name AS product, r.name, r.kind, r.first, r.last, r.last - r.next + 1 AS left
  FROM number_range r JOIN product p ON p.id = r.product_id`;
const RANGES = statement(
  ["product"],
  RangeRow,
  `${SELECT} WHERE :product::text IS NULL OR p.name = :product ORDER BY p.name, r.name, r.created_at, r.id`,
);
/** Stretches that share a number: of the same name in the product, and of MAC addresses anywhere. */
const OVERLAPPING = statement(
  ["first", "last", "productId", "name", "kind"],
  RangeRow,
  `${SELECT}
 WHERE int8range(r.first, r.last, '[]') && int8range(:first, :last, '[]')
   AND (r.product_id = :productId::uuid AND r.name = :name OR r.kind = 'mac' AND :kind = 'mac') LIMIT 1`,
);

export type ValuesRepository = ReturnType<typeof valuesRepository>;

export function valuesRepository({ sql, transaction }: Database, settledUnit: SettledUnit) {
  return {
    ranges: (product: string | null): Promise<readonly RangeRow[]> => sql.rows(RANGES, { product }),
    /** Adds the stretch, or answers with the one that shares a number with it. */
    addRange(range: NewRange, by: Origin): Promise<RangeRow | null> {
      return transaction(async (tx) => {
        // One at a time: what is looked for must still be so when it is added.
        await tx.execute("LOCK TABLE number_range IN SHARE ROW EXCLUSIVE MODE");
        const { product, name, kind, first, last } = range;
        const overlap = { first, last, productId: product.id, name, kind };
        const other = await tx.row(OVERLAPPING, overlap);
        if (other !== undefined) return other;
        await tx.execute(
          `INSERT INTO number_range (id, product_id, name, kind, first, last, next, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $5, $7)`,
          [newId(), product.id, name, kind, first, last, actorOf(by)],
        );
        await recordEvent(tx, {
          kind: "range.added",
          by,
          subject: { id: product.id, name: product.name },
          data: { name, kind, first, last },
        });
        return null;
      });
    },
    /**
     * Stores all, or rejects with `values.settled` and stores nothing. The ledger has the names: a secret that was given as a
     * plain value by mistake must not stay there for ever.
     */
    give(
      product: { readonly id: string; readonly name: string },
      units: readonly GivenUnit[],
      keepHours: number,
      by: Origin,
    ): Promise<void> {
      return transaction(async (tx) => {
        const ids = await lockedUnits(tx, product.id, units);
        const settled = await settledUnit(tx, [...ids.values()]);
        if (settled !== undefined) {
          throw new FlashlineError("values.settled", `${settled} is in work or has passed.`, {
            parameters: { serial: settled },
          });
        }
        await giveTo(tx, units, ids, keepHours, by);
        await recordEvent(tx, {
          kind: "units.values-given",
          by,
          subject: { id: product.id, name: product.name },
          data: {
            units: units.map(({ serial, names }) => ({ serial, names: [...names] })),
            keepHours,
          },
        });
      });
    },
    /** Secrets whose time is over; how many. */
    forgetSecrets: () => sql.execute("DELETE FROM unit_secret WHERE expires_at <= now()"),
  };
}

// Both statements go by serial: two requests about the same units wait for each other and do not lock each other out.
const REGISTER = `
INSERT INTO unit (id, product_id, serial)
SELECT id, $1, serial FROM unnest($2::uuid[], $3::text[]) AS given (id, serial) ORDER BY serial
ON CONFLICT (product_id, serial) DO NOTHING`;
const LOCK = statement(
  ["productId", "serials"],
  z.object({ id: z.string(), serial: z.string() }),
  `
SELECT id, serial FROM unit WHERE product_id = :productId::uuid AND serial = ANY(:serials::text[])
 ORDER BY serial FOR UPDATE`,
);

/**
 * Ids by serial. A new job's foreign key waits for this lock, and this lock for the open transaction that adds one: what is
 * asked afterwards sees every job that took the old values, and all others take the new ones.
 */
async function lockedUnits(
  tx: Sql,
  productId: string,
  units: readonly GivenUnit[],
): Promise<ReadonlyMap<string, string>> {
  const serials = units.map(({ serial }) => serial);
  await tx.execute(REGISTER, [productId, serials.map(() => newId()), serials]);
  const rows = await tx.rows(LOCK, { productId, serials });
  return new Map(rows.map(({ id, serial }) => [serial, id]));
}

type Entry<T> = readonly [unitId: string, name: string, value: T];

const entriesOf = <T>(id: string, byName: Readonly<Record<string, T>>): readonly Entry<T>[] =>
  Object.entries(byName).map(([name, value]) => [id, name, value]);

/** For `unnest`. */
const columns = <T>(entries: readonly Entry<T>[]) => [
  entries.map(([id]) => id),
  entries.map(([, name]) => name),
  entries.map(([, , value]) => value),
];

/** A name is a value or a secret, whichever it was given as last. One statement a table: the units are locked meanwhile. */
async function giveTo(
  tx: Sql,
  units: readonly GivenUnit[],
  ids: ReadonlyMap<string, string>,
  keepHours: number,
  by: Origin,
): Promise<void> {
  const found = units.map((unit) => {
    const id = ids.get(unit.serial);
    if (id === undefined) throw new FlashlineError("server.internal", "A unit was not added.");
    return { ...unit, id };
  });
  const names = found.flatMap(({ id, names }) => names.map((name) => [id, name] as const));
  for (const table of ["unit_value", "unit_secret"]) {
    await tx.execute(
      `DELETE FROM ${table} t USING unnest($1::uuid[], $2::text[]) AS given (unit_id, name)
        WHERE t.unit_id = given.unit_id AND t.name = given.name`,
      [names.map(([id]) => id), names.map(([, name]) => name)],
    );
  }
  const values = found.flatMap(({ id, values }) => entriesOf(id, values));
  await tx.execute(
    `INSERT INTO unit_value (unit_id, name, value, given_by)
     SELECT *, $4 FROM unnest($1::uuid[], $2::text[], $3::text[])`,
    [...columns(values), actorOf(by)],
  );
  const secrets = found.flatMap(({ id, seal }) => entriesOf(id, seal(id)));
  await tx.execute(
    `INSERT INTO unit_secret (unit_id, name, sealed, expires_at, given_by)
     SELECT *, now() + $4 * interval '1 hour', $5 FROM unnest($1::uuid[], $2::text[], $3::bytea[])`,
    [...columns(secrets), keepHours, actorOf(by)],
  );
}
