import { AGENT_ABILITIES, JobState, RecipeView } from "@flashline/contract";
import { z } from "zod";
import { canarySql } from "../db/canary.ts";
import { exceptionSql, serviceSql } from "../db/exception.ts";
import { goldenStopsSql, isGoldenSql } from "../db/golden.ts";
import { allHeldSql, Held, heldSql, NEST_IN_USE, nestInUseSql } from "../db/held.ts";
import { operatorRequiredSql, operatorSql } from "../db/operator.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { allowedSql, failedAtHostSql, failuresSql, scrappedSql } from "../rework/retest-sql.ts";
import { OPEN_SQL, placesSql, usedByOthersSql } from "./moves.ts";
import { pickByProduct } from "./pick.ts";
import type { OrderFacts } from "./rules.ts";
import { readUnitDataFacts } from "./unit-data.repository.ts";

/** A job as its station knows it. */
export interface KnownJob {
  readonly stationId: string;
  readonly serial: string;
  readonly nest: string;
  readonly state: JobState;
}

const Row = z.object({
  nestId: z.string().nullable(),
  order: z
    .object({
      id: z.string(),
      number: z.string(),
      quantity: z.number(),
      stepId: z.string(),
      reserved: z.number(),
      used: z.number(),
    })
    .nullable(),
  product: z
    .object({
      id: z.string(),
      name: z.string(),
      serialPattern: z.string().nullable(),
      registration: z.string(),
    })
    .nullable(),
  release: z
    .object({
      id: z.string(),
      version: z.string(),
      state: z.string(),
      expired: z.boolean(),
      exceptionId: z.string().nullable(),
      boardRevisions: z.array(z.string()),
      fields: RecipeView.shape.fields,
      asks: z.array(z.enum(AGENT_ABILITIES)),
    })
    .nullable(),
  unit: z.object({ id: z.string(), boardRevision: z.string().nullable() }).nullable(),
  otherProduct: z.string().nullable(),
  otherOrder: z.string().nullable(),
  passed: z.boolean(),
  missingStep: z.string().nullable(),
  unitBusyAt: z.string().nullable(),
  nestBusyWith: z.string().nullable(),
  holds: z.array(Held),
  scrapped: z.boolean(),
  failures: z.number(),
  allowed: z.number(),
  elsewhere: z.array(z.string()),
  dirty: z.boolean(),
  operatorRequired: z.boolean(),
  operatorKnown: z.boolean(),
  golden: z.boolean(),
  goldenDue: z.boolean(),
  known: z
    .object({
      stationId: z.string(),
      serial: z.string(),
      nest: z.string(),
      state: z.enum(JobState),
    })
    .nullable(),
});

/** A station without a sign of life for longer takes nobody's units, seconds. */
const CONNECTED_S = 40;
/** So many names an operator can read. */
const FEW = 3;
/** Other stations of order `wo` that take units now, in a nest behind another host than nest `n`'s. */
const ELSEWHERE = `ARRAY(SELECT os.name FROM station os
          WHERE os.id <> s.id AND os.credential_hash IS NOT NULL
            AND EXISTS (SELECT FROM station_order ow WHERE ow.station_id = os.id AND ow.work_order_id = wo.id)
            AND os.last_seen_at > now() - interval '${CONNECTED_S} s' AND EXISTS (SELECT FROM nest o
              WHERE o.station_id = os.id AND ${nestInUseSql("o")}
                AND coalesce(o.host_id <> n.host_id, os.machine IS DISTINCT FROM s.machine)
                AND NOT EXISTS (SELECT ${heldSql(["os.line_id", "os.id", "o.id", "o.host_id"])}))
          ORDER BY os.name LIMIT ${FEW})`;

/**
 * One row for each product of which the station has an open order, with the order that takes the unit: the one whose list the unit is
 * in, else the first in the queue with a unit left. At least one row; missing things are null. `serial` is normalised, `jobId` null
 * where no job is asked for.
 */
const FACTS = statement(
  ["stationId", "nest", "serial", "jobId", "operator"],
  Row,
  `
SELECT n.id AS "nestId",
       CASE WHEN wo.id IS NOT NULL THEN json_build_object('id', wo.id, 'number', wo.number,
         'quantity', wo.quantity, 'stepId', wo.step_id, 'reserved', wo.reserved, 'used', ${usedByOthersSql("u.id")}) END AS "order",
       CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'name', p.name,
         'serialPattern', p.serial_pattern, 'registration', p.registration) END AS product,
       CASE WHEN r.id IS NOT NULL THEN json_build_object('id', r.id, 'version', r.version,
         'state', r.state, 'expired', coalesce(r.expires_at <= now(), false), 'exceptionId', exc.id,
         'boardRevisions', r.board_revisions, 'fields', r.recipe -> 'fields',
         'asks', array_remove(ARRAY[CASE WHEN r.recipe -> 'shownSerial' IS NOT NULL THEN 'application-serial' END,
                                    CASE WHEN p.label_template IS NOT NULL THEN 'labels' END], NULL)) END AS release,
       CASE WHEN u.id IS NOT NULL THEN
         json_build_object('id', u.id, 'boardRevision', u.board_revision) END AS unit,
       CASE WHEN u.id IS NULL THEN (SELECT op.name FROM unit ou JOIN product op ON op.id = ou.product_id
         WHERE ou.serial = :serial AND ou.product_id <> p.id ORDER BY op.name LIMIT 1) END AS "otherProduct",
       (SELECT listed.number FROM work_order listed
         WHERE listed.id = u.work_order_id AND listed.id <> wo.id AND listed.state = 'open') AS "otherOrder",
       EXISTS (SELECT 1 FROM job j WHERE j.unit_id = u.id AND j.step_id = wo.step_id
                AND j.state = 'PASSED' AND (j.release_id = r.id OR NOT ${serviceSql("j")})) AS passed,
       (SELECT e.name FROM process_step e
         WHERE e.product_id = p.id AND e.position < st.position AND NOT EXISTS
           (SELECT 1 FROM job j WHERE j.unit_id = u.id AND j.step_id = e.id AND j.state = 'PASSED' AND NOT ${serviceSql("j")})
         ORDER BY e.position LIMIT 1) AS "missingStep",
       (SELECT bs.name || ', nest ' || bn.name
          FROM job j JOIN station bs ON bs.id = j.station_id JOIN nest bn ON bn.id = j.nest_id
         WHERE j.unit_id = u.id AND j.state IN (${OPEN_SQL})) AS "unitBusyAt",
       (SELECT bu.serial FROM job j JOIN unit bu ON bu.id = j.unit_id
         WHERE j.nest_id = n.id AND j.state IN (${OPEN_SQL})) AS "nestBusyWith",
       ${allHeldSql(["s.line_id", "s.id", "n.id", "n.host_id", "u.id", "p.id"], "u")} AS holds,
       ${scrappedSql("u.id")} AS scrapped, ${failuresSql("u.id", "wo.step_id")} AS failures,
       coalesce(${allowedSql("u.id", "p.retest_limit")}, 0) AS allowed,
       CASE WHEN ${failedAtHostSql("u.id", "wo.step_id", "n.host_id")} THEN ${ELSEWHERE} ELSE '{}' END AS elsewhere,
       coalesce((SELECT a.outcome IS DISTINCT FROM 'PASS' OR a.contradictions <> '{}' FROM attempt a
          WHERE a.unit_id = u.id AND (a.touched IS NOT FALSE OR a.contradictions <> '{}')
          ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1), false) AS dirty,
       ${operatorRequiredSql("s")} AS "operatorRequired", ${operatorSql(":operator::uuid", "s")} IS NOT NULL AS "operatorKnown",
       ${isGoldenSql(":serial")} AS golden, n.id IS NOT NULL AND ${goldenStopsSql("n", "s")} AS "goldenDue",
       (SELECT json_build_object('stationId', j.station_id, 'serial', ku.serial, 'nest', kn.name,
                 'state', j.state)
          FROM job j JOIN unit ku ON ku.id = j.unit_id JOIN nest kn ON kn.id = j.nest_id
         WHERE j.id = :jobId::uuid) AS known
  FROM station s
  LEFT JOIN nest n ON n.station_id = s.id AND n.name = :nest AND ${NEST_IN_USE}
  LEFT JOIN LATERAL (
    SELECT DISTINCT ON (o.product_id) o.*
      FROM station_order so JOIN work_order o ON o.id = so.work_order_id AND o.state = 'open'
      LEFT JOIN unit mine ON mine.product_id = o.product_id AND mine.serial = :serial
      LEFT JOIN work_order listed ON listed.id = mine.work_order_id AND listed.state = 'open'
     WHERE so.station_id = s.id
     ORDER BY o.product_id, listed.id = o.id DESC NULLS LAST,
              o.used + o.reserved < o.quantity OR EXISTS (SELECT ${placesSql("mine.id", "o.id")}) DESC,
              so.priority, so.set_at, o.id) wo ON true
  LEFT JOIN process_step st ON st.id = wo.step_id
  LEFT JOIN product p ON p.id = wo.product_id
  LEFT JOIN unit u ON u.product_id = p.id AND u.serial = :serial
  LEFT JOIN LATERAL ${canarySql({ order: "wo", station: "s", unit: "u" })} canary ON true
  LEFT JOIN release r ON r.id = coalesce(canary.release_id, wo.release_id)
  LEFT JOIN LATERAL ${exceptionSql({ release: "r", station: "s", unitId: "u.id", serial: ":serial" })} exc ON true
 WHERE s.id = :stationId
 ORDER BY p.name`,
);

const NOTHING: OrderFacts = {
  nest: null,
  order: null,
  product: null,
  release: null,
  unit: null,
  otherProduct: null,
  otherOrder: null,
  unpicked: null,
  passed: false,
  missingStep: null,
  unitBusyAt: null,
  nestBusyWith: null,
  holds: [],
  scrapped: false,
  failures: 0,
  allowed: 0,
  elsewhere: [],
  dirty: false,
  unitData: null,
  operatorRequired: false,
  operatorKnown: false,
  golden: false,
  goldenDue: false,
};

/** What is known about a normalised serial in a station's nest, and of a job. */
export interface ScanFacts {
  readonly facts: OrderFacts;
  readonly known: KnownJob | null;
}

/** One statement, and one more where the release takes unit data. */
export async function readFacts(
  sql: Sql,
  scan: {
    readonly stationId: string;
    readonly nest: string;
    readonly serial: string;
    readonly jobId: string | null;
    readonly operator: string | null;
  },
): Promise<ScanFacts> {
  const { one: row, unpicked } = pickByProduct(scan.serial, await sql.rows(FACTS, scan));
  if (row === undefined) return { facts: NOTHING, known: null };
  const { nestId, known, ...facts } = row;
  const { product, release, unit } = facts;
  const nest = nestId === null ? null : { id: nestId };
  const unitData =
    product === null || release === null || unpicked !== null
      ? null
      : await readUnitDataFacts(sql, product.id, unit?.id ?? null, release.fields);
  return { facts: { ...facts, nest, unpicked, unitData }, known };
}
