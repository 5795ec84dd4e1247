import {
  called,
  FlashlineError,
  type HoldKind,
  type HoldTarget,
  normaliseSerial,
} from "@flashline/contract";
import { z } from "zod";
import { NEST_IN_USE } from "../db/held.ts";
import { HOST_NAME } from "../db/host-names.ts";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Found = z.object({
  targetId: z.string(),
  batch: z.string(),
  name: z.string(),
  plantId: z.string().nullable(),
});

/** What a hold is on, as the database knows it. */
export interface FoundTarget extends Readonly<z.infer<typeof Found>> {
  readonly kind: HoldKind;
}

const HOST = statement(
  ["host"],
  Found.extend({ exact: z.boolean() }),
  `
SELECT h.id AS "targetId", '' AS batch, hn.name, l.plant_id AS "plantId",
       h.id::text = lower(:host) OR hn.name = :host AS exact
  FROM host h ${HOST_NAME} LEFT JOIN station s ON s.name = hn.station LEFT JOIN line l ON l.id = s.line_id
 WHERE :host IN (hn.name, hn.station, h.machine) OR h.id::text = lower(:host)
 ORDER BY hn.name, h.id`,
);
const NEST = statement(
  ["station", "nest"],
  Found,
  `
SELECT n.id AS "targetId", '' AS batch, s.name || '/' || n.name AS name, l.plant_id AS "plantId"
  FROM nest n JOIN station s ON s.id = n.station_id JOIN line l ON l.id = s.line_id
 WHERE s.name = :station AND n.name = :nest AND ${NEST_IN_USE}`,
);
const STATION = statement(
  ["station"],
  Found,
  `
SELECT s.id AS "targetId", '' AS batch, s.name, l.plant_id AS "plantId"
  FROM station s JOIN line l ON l.id = s.line_id WHERE s.name = :station`,
);
const LINE = statement(
  ["line", "plant"],
  Found,
  `
SELECT l.id AS "targetId", '' AS batch, p.name || '/' || l.name AS name, p.id AS "plantId"
  FROM line l JOIN plant p ON p.id = l.plant_id
 WHERE l.name = :line AND (:plant::text IS NULL OR p.name = :plant) ORDER BY p.name`,
);
const UNIT = statement(
  ["serial", "product"],
  Found,
  `
SELECT u.id AS "targetId", '' AS batch, p.name || ' ' || u.serial AS name, NULL AS "plantId"
  FROM unit u JOIN product p ON p.id = u.product_id
 WHERE u.serial = :serial AND (:product::text IS NULL OR p.name = :product) ORDER BY p.name`,
);
const BATCH = statement(
  ["product", "batch"],
  Found,
  `
SELECT p.id AS "targetId", :batch::text AS batch, p.name || ' ' || :batch::text AS name, NULL AS "plantId"
  FROM product p WHERE p.name = :product`,
);

/** The target in words. */
function told(target: HoldTarget): string {
  switch (target.kind) {
    case "host":
      return called("host", target.host);
    case "nest":
      return `nest ${target.station}/${target.nest}`;
    case "station":
      return called("station", target.station);
    case "line":
      return called(
        "line",
        target.plant === undefined ? target.line : `${target.plant}/${target.line}`,
      );
    case "unit":
      return `unit ${target.product === undefined ? "" : `${target.product} `}${target.serial}`;
    case "batch":
      return `product ${target.product}`;
  }
}

async function hostsOf(sql: Sql, host: string) {
  const found = await sql.rows(HOST, { host });
  const exact = found.filter((row) => row.exact);
  return exact.length > 0 ? exact : found;
}

function rowsOf(sql: Sql, target: HoldTarget): Promise<readonly z.infer<typeof Found>[]> {
  switch (target.kind) {
    case "host":
      return hostsOf(sql, plainText(target.host));
    case "nest":
      return sql.rows(NEST, target);
    case "station":
      return sql.rows(STATION, target);
    case "line":
      return sql.rows(LINE, { line: target.line, plant: target.plant ?? null });
    case "unit": {
      const serial = plainText(normaliseSerial(target.serial));
      return sql.rows(UNIT, { serial, product: target.product ?? null });
    }
    case "batch":
      return sql.rows(BATCH, target);
  }
}

/** Rejects with `request.not_found`, and with `request.conflict` where the name fits several. */
export async function findTarget(sql: Sql, target: HoldTarget): Promise<FoundTarget> {
  const [found, ...others] = await rowsOf(sql, target);
  const what = told(target);
  if (found === undefined) {
    throw new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });
  }
  if (others.length > 0) {
    const names = [found, ...others].map(({ name }) => name).join(", ");
    throw new FlashlineError("request.conflict", `Several are called ${what}: ${names}.`, {
      parameters: { what, names },
    });
  }
  const { targetId, batch, name, plantId } = found;
  return { kind: target.kind, targetId, batch, name, plantId };
}
