import { type Exception, ExceptionDetail, ExceptionView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { exceptionStateSql } from "../db/exception.ts";
import type { Sql } from "../db/sql.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Row = ExceptionView.extend({
  from: z.date(),
  until: z.date(),
  addedAt: z.date(),
  withdrawnAt: z.date().nullable(),
});
const DetailRow = Row.extend({
  usedBy: ExceptionDetail.shape.usedBy,
  statement: z.instanceof(Buffer),
  signature: z.string(),
});
export type ExceptionRow = z.infer<typeof Row>;
export type ExceptionDetailRow = z.infer<typeof DetailRow>;

export interface ExceptionFilter {
  readonly limit: number;
  readonly product?: string | undefined;
  /** The list goes on after this one. */
  readonly after?: string | undefined;
}

/** What an exception is about, as the server knows it. */
const Facts = z.object({
  productId: z.string().nullable(),
  releaseProductId: z.string().nullable(),
  version: z.string().nullable(),
  state: z.string().nullable(),
  keyRevoked: z.boolean(),
  plant: z.boolean(),
  stations: z.array(z.string()),
});
export type ExceptionFacts = z.infer<typeof Facts>;

const COLUMNS = `
e.id, p.name AS product, e.version, e.manifest_sha256 AS "manifestSha256",
(SELECT r.id FROM release r WHERE r.manifest_sha256 = e.manifest_sha256) AS "releaseId", e.lifts, e.serials, e.units, e.used, e.plant, e.stations,
e.reason, e.valid_from AS "from", e.valid_until AS "until", e.key_id AS "keyId", ${exceptionStateSql("e")} AS state, e.added_by AS "addedBy",
e.added_at AS "addedAt", e.withdrawn_by AS "withdrawnBy", e.withdrawn_at AS "withdrawnAt", e.withdrawn_reason AS "withdrawnReason"`;
const FROM = "release_exception e JOIN product p ON p.id = e.product_id";

const PAGE = statements(["limit", "product", "after"], Row, (isGiven) => {
  const where = whereSql([
    isGiven("product") && "p.name = :product",
    isGiven("after") &&
      "(e.added_at, e.id) < ((SELECT added_at FROM release_exception WHERE id = :after::uuid), :after::uuid)",
  ]);
  return `SELECT ${COLUMNS} FROM ${FROM} ${where} ORDER BY e.added_at DESC, e.id DESC LIMIT :limit`;
});
const PRODUCT = statement(["name"], z.object({}), "SELECT FROM product WHERE name = :name");
const BY_ID = statement(
  ["id"],
  DetailRow,
  `
SELECT ${COLUMNS}, e.statement, e.signature,
       coalesce((SELECT json_agg(json_build_object('serial', u.serial, 'attemptId', x.attempt_id, 'at', x.at) ORDER BY x.at, u.serial)
          FROM exception_unit x JOIN unit u ON u.id = x.unit_id WHERE x.exception_id = e.id), '[]') AS "usedBy"
  FROM ${FROM} WHERE e.id = :id`,
);
const FACTS = statement(
  ["product", "manifestSha256", "plant", "stations"],
  Facts,
  `
SELECT (SELECT id FROM product WHERE name = :product) AS "productId", r.product_id AS "releaseProductId", r.version, r.state,
       EXISTS (SELECT FROM signing_key k WHERE k.key_id = r.key_id AND k.revoked_at IS NOT NULL) AS "keyRevoked",
       :plant::text IS NULL OR EXISTS (SELECT FROM plant WHERE name = :plant::text) AS plant,
       ARRAY(SELECT name FROM station WHERE name = ANY(:stations::text[])) AS stations
  FROM (SELECT 1) one LEFT JOIN release r ON r.manifest_sha256 = :manifestSha256`,
);
const ADD = statement(
  [
    ...[
      "id",
      "productId",
      "version",
      "manifestSha256",
      "lifts",
      "serials",
      "units",
      "plant",
      "stations",
      "reason",
    ],
    ...["from", "until", "statement", "signature", "keyId", "addedBy"],
  ],
  z.object({ id: z.string() }),
  `
INSERT INTO release_exception (id, product_id, version, manifest_sha256, lifts, serials, units, plant, stations, reason, valid_from, valid_until,
                               statement, signature, key_id, added_by)
VALUES (:id::uuid, :productId::uuid, :version, :manifestSha256, :lifts::text[], :serials::text[], :units::int, :plant, :stations::text[], :reason,
        :from::timestamptz, :until::timestamptz, :statement::bytea, :signature, :keyId, :addedBy)
ON CONFLICT (id) DO NOTHING RETURNING id`,
);
const WITHDRAW = statement(
  ["id", "reason", "by"],
  z.object({ name: z.string() }),
  `
UPDATE release_exception e SET withdrawn_at = now(), withdrawn_by = :by, withdrawn_reason = :reason
 WHERE e.id = :id AND e.withdrawn_at IS NULL RETURNING (SELECT name FROM product WHERE id = e.product_id) || ' ' || e.version AS name`,
);

/** A statement whose signature holds. */
export interface NewException {
  readonly content: Exception;
  readonly productId: string;
  readonly statement: Buffer;
  readonly signature: string;
  readonly keyId: string;
}

async function addOn(tx: Sql, added: NewException, by: Origin): Promise<boolean> {
  const { content, productId, statement: bytes, signature, keyId } = added;
  const { id, product, version, manifestSha256, lifts, plant = null, stations = [] } = content;
  const { reason, from, until } = content;
  const serials = "serials" in content.units ? content.units.serials : [];
  const units = "count" in content.units ? content.units.count : serials.length;
  const row = await tx.row(ADD, {
    id,
    productId,
    version,
    manifestSha256,
    lifts,
    serials,
    units,
    plant,
    stations,
    reason,
    from: new Date(from),
    until: new Date(until),
    statement: bytes,
    signature,
    keyId,
    addedBy: actorOf(by),
  });
  if (row === undefined) return false;
  await recordEvent(tx, {
    kind: "exception.added",
    by,
    subject: { id, name: `${product} ${version}` },
    reason,
    data: {
      product,
      version,
      manifestSha256,
      lifts,
      serials,
      units,
      plant,
      stations,
      keyId,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
    },
  });
  return true;
}

export type ExceptionsRepository = ReturnType<typeof exceptionsRepository>;

export function exceptionsRepository({ sql, transaction }: Database) {
  return {
    /** The latest first. */
    list({ limit, product, after }: ExceptionFilter): Promise<readonly ExceptionRow[]> {
      const values = { limit, product, after };
      return sql.rows(PAGE(values), values);
    },
    hasProduct: async (name: string): Promise<boolean> =>
      (await sql.row(PRODUCT, { name })) !== undefined,
    one: (id: string): Promise<ExceptionDetailRow | undefined> => sql.row(BY_ID, { id }),
    async facts({ product, manifestSha256, plant, stations }: Exception): Promise<ExceptionFacts> {
      const values = { product, manifestSha256, plant: plant ?? null, stations: stations ?? [] };
      const [facts] = await sql.rows(FACTS, values);
      return Facts.parse(facts);
    },
    /** False where there is one with its id. */
    add: (added: NewException, by: Origin): Promise<boolean> =>
      transaction((tx) => addOn(tx, added, by)),
    /** False when it was withdrawn before. */
    withdraw: (id: string, reason: string, by: Origin): Promise<boolean> =>
      transaction(async (tx) => {
        const gone = await tx.row(WITHDRAW, { id, reason, by: actorOf(by) });
        if (gone === undefined) return false;
        const subject = { id, name: gone.name };
        await recordEvent(tx, { kind: "exception.withdrawn", by, subject, reason, data: {} });
        return true;
      }),
  };
}
