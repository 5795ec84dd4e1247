import { type AttemptSelection, FlashlineError } from "@flashline/contract";
import { z } from "zod";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement, type Values, whereSql } from "../db/statement.ts";
import { findTarget } from "../holds/targets.ts";

/** What a statement over a selection takes; what was not given is undefined. */
export const SELECTED = [
  ...["from", "to", "line", "station", "nest", "host", "product", "release", "image"],
  ...["order", "batch", "outcome", "code", "virtual"],
] as const;
type Selected = (typeof SELECTED)[number];

/** A selection with the ids of what it names. */
export type FoundSelection = Values<Selected>;

/**
 * SQL: of each unit that attempts of the selection touched, or may have touched: how many there were, when, and the last one. An attempt
 * that was not reported may have touched its unit.
 */
export function touchedSql(isGiven: (name: Selected) => boolean): string {
  const only = (name: Selected, condition: string) => isGiven(name) && condition;
  const where = whereSql([
    "a.touched IS DISTINCT FROM false",
    only("from", "a.accepted_at >= :from::timestamptz"),
    only("to", "a.accepted_at < :to::timestamptz"),
    only("line", "a.station_id IN (SELECT id FROM station WHERE line_id = :line::uuid)"),
    only("station", "a.station_id = :station::uuid"),
    only("nest", "a.nest_id = :nest::uuid"),
    only("host", "a.host_id = :host::uuid"),
    only("product", "a.release_id IN (SELECT id FROM release WHERE product_id = :product::uuid)"),
    only("release", "a.release_id IN (SELECT id FROM release WHERE version = :release)"),
    only(
      "image",
      "a.release_id IN (SELECT release_id FROM release_image WHERE image_sha256 = :image)",
    ),
    only("order", "a.work_order_id = :order::uuid"),
    only("batch", "EXISTS (SELECT FROM unit u WHERE u.id = a.unit_id AND u.batch = :batch)"),
    only("outcome", "a.outcome = :outcome"),
    only("code", "a.code = :code"),
    only("virtual", "a.virtual = :virtual::boolean"),
  ]);
  return `
SELECT a.unit_id, count(*)::int AS attempts, (count(*) FILTER (WHERE a.received_at IS NULL))::int AS unreported,
       min(a.accepted_at) AS first_at, max(a.accepted_at) AS last_at,
       (array_agg(a.id ORDER BY a.accepted_at DESC, a.id DESC))[1] AS last_id
  FROM attempt a ${where} GROUP BY a.unit_id`;
}

const Known = z.object({ id: z.string().nullable() });
const PRODUCT = statement(["name"], Known, "SELECT id FROM product WHERE name = :name");
const ORDER = statement(["name"], Known, "SELECT id FROM work_order WHERE number = :name");
const RELEASE = statement(
  ["version", "product"],
  Known,
  `SELECT id FROM release WHERE version = :version AND (:product::uuid IS NULL OR product_id = :product::uuid) LIMIT 1`,
);
const IMAGE = statement(
  ["sha256"],
  Known,
  "SELECT release_id AS id FROM release_image WHERE image_sha256 = :sha256 LIMIT 1",
);
const BATCH = statement(["batch"], Known, "SELECT id FROM unit WHERE batch = :batch LIMIT 1");

const missing = (what: string) =>
  new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });

/** Nobody is told that nothing is affected because of a name that was misspelt: rejects with `request.not_found` then. */
export async function findSelection(sql: Sql, asked: AttemptSelection): Promise<FoundSelection> {
  const { from, to, plant, outcome, code, virtual } = asked;
  const { line, station, nest, host, product, release, image, order, batch } = asked;
  if (nest !== undefined && station === undefined) {
    throw new FlashlineError("request.invalid", "nest needs station: each station has its own.");
  }
  if (plant !== undefined && line === undefined) {
    throw new FlashlineError("request.invalid", "plant needs line: it says whose line is meant.");
  }
  const idOf = async (target: Parameters<typeof findTarget>[1]) =>
    (await findTarget(sql, target)).targetId;
  const productId =
    product === undefined ? undefined : (await sql.row(PRODUCT, { name: product }))?.id;
  if (product !== undefined && productId === undefined) throw missing(`product ${product}`);
  const orderId = order === undefined ? undefined : (await sql.row(ORDER, { name: order }))?.id;
  if (order !== undefined && orderId === undefined) throw missing(`work order ${order}`);
  if (release !== undefined) {
    const values = { version: release, product: productId ?? null };
    if ((await sql.row(RELEASE, values)) === undefined) throw missing(`release ${release}`);
  }
  if (image !== undefined && (await sql.row(IMAGE, { sha256: image })) === undefined) {
    throw missing(`release with the image ${image}`);
  }
  if (batch !== undefined && (await sql.row(BATCH, { batch })) === undefined) {
    throw missing(`unit of the batch ${batch}`);
  }
  return {
    ...{ from, to, product: productId, release, image, order: orderId, batch, outcome, virtual },
    code: code === undefined ? undefined : plainText(code),
    line:
      line === undefined
        ? undefined
        : await idOf({ kind: "line", line, ...(plant === undefined ? {} : { plant }) }),
    station: station === undefined ? undefined : await idOf({ kind: "station", station }),
    nest:
      nest === undefined || station === undefined
        ? undefined
        : await idOf({ kind: "nest", station, nest }),
    host: host === undefined ? undefined : await idOf({ kind: "host", host }),
  };
}
