import {
  FlashlineError,
  type GoldenDetail,
  type GoldenRequest,
  type GoldenView,
  isReadableSerial,
  normaliseSerial,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { noRowBefore } from "../http/lists.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { CHECK_COLUMNS, CHECK_FROM, CheckRow, checkViewOf } from "./check-view.ts";

const Row = z.object({
  id: z.string(),
  serial: z.string(),
  plant: z.string(),
  plantId: z.string(),
  product: z.string(),
  version: z.string(),
  worn: z.number(),
  cycles: z.number(),
  areas: z.number(),
  checks: z.number(),
  lastCheckAt: z.date().nullable(),
  addedBy: z.string(),
  addedAt: z.date(),
  retiredBy: z.string().nullable(),
  retiredAt: z.date().nullable(),
  retireReason: z.string().nullable(),
  sectors: z.record(z.string(), z.number()),
});

const SELECT = `
SELECT g.id, g.serial, pl.name AS plant, pl.id AS "plantId", p.name AS product, r.version, g.worn, g.cycles, g.areas, g.checks,
       g.last_check_at AS "lastCheckAt", g.added_by AS "addedBy", g.added_at AS "addedAt", g.retired_by AS "retiredBy",
       g.retired_at AS "retiredAt", g.retire_reason AS "retireReason", g.sectors
  FROM golden_unit g JOIN plant pl ON pl.id = g.plant_id JOIN release r ON r.id = g.release_id JOIN product p ON p.id = r.product_id`;

const BY_SERIAL = statement(["serial"], Row, `${SELECT} WHERE g.serial = :serial`);
const LIST = statement(
  ["plant", "retired", "after", "limit"],
  Row,
  `${SELECT}
 WHERE (:plant::text IS NULL OR pl.name = :plant) AND (:retired::boolean OR g.retired_at IS NULL)
   AND (:after::text IS NULL OR g.serial > :after)
 ORDER BY g.serial LIMIT :limit`,
);
const SERIAL_OF = statement(
  ["id"],
  z.object({ serial: z.string() }),
  "SELECT serial FROM golden_unit WHERE id = :id::uuid",
);
const LATEST = statement(
  ["id"],
  CheckRow,
  `SELECT ${CHECK_COLUMNS} FROM ${CHECK_FROM} WHERE c.golden_id = :id::uuid ORDER BY c.opened_at DESC, c.id DESC LIMIT 50`,
);
const PLACE = statement(
  ["plant", "product", "version", "serial"],
  z.object({
    plantId: z.string().nullable(),
    productId: z.string().nullable(),
    releaseId: z.string().nullable(),
    isUnit: z.boolean(),
  }),
  `
SELECT pl.id AS "plantId", p.id AS "productId", r.id AS "releaseId", EXISTS (SELECT FROM unit u WHERE u.serial = :serial) AS "isUnit"
  FROM (SELECT 1) one LEFT JOIN plant pl ON pl.name = :plant LEFT JOIN product p ON p.name = :product
  LEFT JOIN release r ON r.product_id = p.id AND r.version = :version`,
);
const INSERT = statement(
  ["id", "serial", "plantId", "releaseId", "cycles", "areas", "by"],
  z.object({ id: z.string() }),
  `
INSERT INTO golden_unit (id, serial, plant_id, release_id, cycles, areas, added_by)
VALUES (:id::uuid, :serial, :plantId::uuid, :releaseId::uuid, :cycles::int, :areas::int, :by)
ON CONFLICT (serial) DO NOTHING RETURNING id`,
);
const RETIRE = statement(
  ["serial", "by", "reason"],
  z.object({ id: z.string(), worn: z.number(), plantId: z.string() }),
  `
UPDATE golden_unit SET retired_at = now(), retired_by = :by, retire_reason = :reason
 WHERE serial = :serial AND retired_at IS NULL RETURNING id, worn, plant_id AS "plantId"`,
);

const viewOf = ({
  sectors: _,
  plantId: __,
  lastCheckAt,
  addedAt,
  retiredAt,
  ...same
}: z.infer<typeof Row>): GoldenView => ({
  ...same,
  lastCheckAt: lastCheckAt?.toISOString() ?? null,
  addedAt: addedAt.toISOString(),
  retiredAt: retiredAt?.toISOString() ?? null,
});

const serialOf = (text: string): string => plainText(normaliseSerial(text));

/** Rejects with `request.not_found`. */
export async function goldenRow(sql: Sql, serial: string): Promise<z.infer<typeof Row>> {
  const row = await sql.row(BY_SERIAL, { serial: serialOf(serial) });
  if (row !== undefined) return row;
  throw new FlashlineError("request.not_found", `There is no golden unit ${serial}.`, {
    parameters: { serial },
  });
}

export interface GoldenFilter {
  readonly plant?: string | undefined;
  readonly retired: boolean;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** By serial. Rejects with `request.invalid` for a row that is not there. */
export async function goldenUnits(
  { sql }: Database,
  { plant = "", retired, after, limit }: GoldenFilter,
): Promise<GoldenView[]> {
  const before = after === undefined ? undefined : await sql.row(SERIAL_OF, { id: after });
  if (after !== undefined && before === undefined) throw noRowBefore();
  const values = { plant: plant === "" ? null : plant, retired, limit };
  return (await sql.rows(LIST, { ...values, after: before?.serial ?? null })).map(viewOf);
}

/** Rejects with `request.not_found`. */
export async function goldenUnit({ sql }: Database, serial: string): Promise<GoldenDetail> {
  const row = await goldenRow(sql, serial);
  const sectors = Object.entries(row.sectors)
    .map(([address, cycles]) => ({ address: Number(address), cycles }))
    .toSorted((a, b) => a.address - b.address);
  const latest = (await sql.rows(LATEST, { id: row.id })).map(checkViewOf);
  return { ...viewOf(row), sectors, latest };
}

const unknown = (what: string, name: string): FlashlineError =>
  new FlashlineError("request.invalid", `There is no ${what} ${name}.`, {
    parameters: { what, name },
  });

/** Registers it; the same again is no event. Rejects with `request.invalid`, `request.conflict`. */
export const addGolden = (
  { transaction }: Database,
  asked: z.output<typeof GoldenRequest>,
  by: Origin,
): Promise<{ readonly isNew: boolean; readonly golden: GoldenView }> =>
  transaction(async (sql) => {
    const { plant, product, version, cycles, areas, reason } = asked;
    const serial = serialOf(asked.serial);
    if (!isReadableSerial(serial)) {
      throw new FlashlineError(
        "preflight.serial_malformed",
        "The serial holds characters that no serial has.",
      );
    }
    const place = await sql.row(PLACE, { plant, product, version, serial });
    if (place?.plantId == null) throw unknown("plant", plant);
    if (place.productId === null) throw unknown("product", product);
    if (place.releaseId === null) throw unknown("release", `${product} ${version}`);
    if (place.isUnit) {
      throw new FlashlineError(
        "request.conflict",
        `${serial} is a production unit: its results count. Give the golden unit a serial of its own.`,
        { parameters: { serial } },
      );
    }
    const { plantId, releaseId } = place;
    const id = newId();
    const values = { id, serial, plantId, releaseId, cycles, areas, by: actorOf(by) };
    const isNew = (await sql.row(INSERT, values)) !== undefined;
    const row = await goldenRow(sql, serial);
    const same =
      row.plant === plant &&
      row.product === product &&
      row.version === version &&
      row.cycles === cycles &&
      row.areas === areas &&
      row.retiredAt === null;
    if (!isNew && !same) {
      throw new FlashlineError(
        "request.conflict",
        `There is a golden unit ${serial} already, in ${row.plant}, of ${row.product} ${row.version}.`,
        { parameters: { serial, plant: row.plant, version: row.version } },
      );
    }
    if (isNew) {
      await recordEvent(sql, {
        kind: "golden.added",
        by,
        reason,
        plantId,
        subject: { id: row.id, name: serial },
        data: { product, version, cycles, areas },
      });
    }
    return { isNew, golden: viewOf(row) };
  });

/** The same again is no event. Rejects with `request.not_found`. */
export const retireGolden = (
  { transaction }: Database,
  serial: string,
  reason: string,
  by: Origin,
): Promise<GoldenView> =>
  transaction(async (sql) => {
    const done = await sql.row(RETIRE, { serial: serialOf(serial), by: actorOf(by), reason });
    if (done !== undefined) {
      const { id, worn, plantId } = done;
      await recordEvent(sql, {
        kind: "golden.retired",
        by,
        reason,
        plantId,
        subject: { id, name: serialOf(serial) },
        data: { worn },
      });
    }
    return viewOf(await goldenRow(sql, serial));
  });
