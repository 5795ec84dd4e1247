import type { RecipeView } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import { COUNTED_SQL, OPEN_SQL } from "./moves.ts";
import type { OrderFacts } from "./rules.ts";
import { readUnitDataFacts } from "./unit-data.repository.ts";

/** $1 station, $2 nest's name, $3 normalised serial. Always one row; missing things are null. */
const FACTS = `
SELECT n.id AS nest_id, n.enabled AS nest_enabled,
       wo.id AS order_id, wo.number, wo.quantity, wo.step_id,
       p.id AS product_id, p.name AS product, p.serial_pattern, p.registration,
       r.id AS release_id, r.version, r.state AS release_state, r.board_revisions,
       r.recipe -> 'fields' AS fields, coalesce(r.expires_at <= now(), false) AS expired,
       u.id AS unit_id, u.board_revision,
       (SELECT op.name FROM unit ou JOIN product op ON op.id = ou.product_id
         WHERE ou.serial = $3 AND ou.product_id <> p.id ORDER BY op.name LIMIT 1) AS other_product,
       EXISTS (SELECT 1 FROM job j WHERE j.unit_id = u.id AND j.step_id = wo.step_id
                AND j.state = 'PASSED') AS passed,
       (SELECT e.name FROM process_step e
         WHERE e.product_id = p.id AND e.position < st.position AND NOT EXISTS
           (SELECT 1 FROM job j WHERE j.unit_id = u.id AND j.step_id = e.id AND j.state = 'PASSED')
         ORDER BY e.position LIMIT 1) AS missing_step,
       (SELECT bs.name || ', nest ' || bn.name
          FROM job j JOIN station bs ON bs.id = j.station_id JOIN nest bn ON bn.id = j.nest_id
         WHERE j.unit_id = u.id AND j.state IN (${OPEN_SQL})) AS unit_busy_at,
       (SELECT bu.serial FROM job j JOIN unit bu ON bu.id = j.unit_id
         WHERE j.nest_id = n.id AND j.state IN (${OPEN_SQL})) AS nest_busy_with,
       (SELECT count(*)::int FROM job j WHERE j.work_order_id = wo.id
          AND j.state IN (${COUNTED_SQL}) AND j.unit_id IS DISTINCT FROM u.id) AS used,
       CASE WHEN h.verdict = 'QUARANTINED' THEN h.machine || ' ' || h.pci_address END AS quarantined,
       coalesce((SELECT a.outcome IS DISTINCT FROM 'PASS' OR a.contradictions <> '{}' FROM attempt a
          WHERE a.unit_id = u.id AND (a.touched IS NOT FALSE OR a.contradictions <> '{}')
          ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1), false) AS dirty
  FROM station s
  LEFT JOIN nest n ON n.station_id = s.id AND n.name = $2
  LEFT JOIN work_order wo ON wo.id = s.active_work_order_id AND wo.state = 'open'
  LEFT JOIN process_step st ON st.id = wo.step_id
  LEFT JOIN product p ON p.id = wo.product_id
  LEFT JOIN release r ON r.id = wo.release_id
  LEFT JOIN unit u ON u.product_id = p.id AND u.serial = $3
  LEFT JOIN LATERAL (SELECT a.host_id FROM attempt a WHERE a.station_id = s.id AND a.nest_id = n.id
         ORDER BY a.received_at DESC LIMIT 1) latest ON true
  LEFT JOIN host h ON h.id = latest.host_id
 WHERE s.id = $1`;

interface Row {
  readonly nest_id: string | null;
  readonly nest_enabled: boolean;
  readonly order_id: string | null;
  readonly number: string;
  readonly quantity: number;
  readonly step_id: string;
  readonly product_id: string | null;
  readonly product: string;
  readonly serial_pattern: string | null;
  readonly registration: string;
  readonly release_id: string | null;
  readonly version: string;
  readonly release_state: string;
  readonly board_revisions: readonly string[];
  readonly fields: RecipeView["fields"];
  readonly expired: boolean;
  readonly unit_id: string | null;
  readonly board_revision: string | null;
  readonly other_product: string | null;
  readonly passed: boolean;
  readonly missing_step: string | null;
  readonly unit_busy_at: string | null;
  readonly nest_busy_with: string | null;
  readonly used: number;
  readonly quarantined: string | null;
  readonly dirty: boolean;
}

function factsOf(row: Row): Omit<OrderFacts, "unitData"> {
  const order =
    row.order_id === null
      ? null
      : {
          id: row.order_id,
          number: row.number,
          quantity: row.quantity,
          stepId: row.step_id,
          used: row.used,
        };
  const product =
    row.product_id === null
      ? null
      : {
          id: row.product_id,
          name: row.product,
          serialPattern: row.serial_pattern,
          registration: row.registration,
        };
  const release =
    row.release_id === null
      ? null
      : {
          id: row.release_id,
          version: row.version,
          state: row.release_state,
          expired: row.expired,
          boardRevisions: row.board_revisions,
          fields: row.fields,
        };
  return {
    nest: row.nest_id === null ? null : { id: row.nest_id, enabled: row.nest_enabled },
    order,
    product,
    release,
    unit: row.unit_id === null ? null : { id: row.unit_id, boardRevision: row.board_revision },
    otherProduct: row.other_product,
    passed: row.passed,
    missingStep: row.missing_step,
    unitBusyAt: row.unit_busy_at,
    nestBusyWith: row.nest_busy_with,
    quarantinedHost: row.quarantined,
    dirty: row.dirty,
  };
}

const NOTHING: OrderFacts = {
  nest: null,
  order: null,
  product: null,
  release: null,
  unit: null,
  otherProduct: null,
  passed: false,
  missingStep: null,
  unitBusyAt: null,
  nestBusyWith: null,
  quarantinedHost: null,
  dirty: false,
  unitData: null,
};

/** What is known about a normalised serial in a station's nest: one statement, and one more where the release takes unit data. */
export async function readFacts(
  sql: Sql,
  stationId: string,
  nest: string,
  serial: string,
): Promise<OrderFacts> {
  const [row] = await sql.query<Row>(FACTS, [stationId, nest, serial]);
  if (row === undefined) return NOTHING;
  const facts = factsOf(row);
  const { product, release, unit } = facts;
  const unitData =
    product === null || release === null
      ? null
      : await readUnitDataFacts(sql, product.id, unit?.id ?? null, release.fields);
  return { ...facts, unitData };
}
