/** What the database holds of a product, and what its ledger tells. */
export interface Rows {
  readonly jobs: readonly {
    id: string;
    serial: string;
    station: string;
    nest: string;
    order: string;
    version: string;
    dirty: boolean;
    state: string;
    epoch: number;
    code: string | null;
    at: number;
    deadline: boolean;
  }[];
  readonly attempts: readonly {
    id: string;
    job: string;
    epoch: number;
    outcome: string | null;
    code: string | null;
    touched: boolean | null;
    body: string | null;
    late: boolean;
    contradicted: boolean;
    first: boolean;
    at: number;
  }[];
  readonly orders: readonly {
    number: string;
    state: string;
    quantity: number;
    used: number;
    counted: number;
    version: string;
    passed: number;
    running: number;
    failed: number;
  }[];
  readonly releases: readonly { version: string; state: string }[];
  readonly units: readonly { serial: string; state: string; scrapped: boolean }[];
  readonly queues: readonly { station: string; order: string; priority: number; at: number }[];
  readonly rework: readonly { serial: string; kind: string; at: number }[];
  readonly holds: readonly { kind: string; name: string; machine: string | null }[];
  readonly events: readonly string[];
}

const MS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const all = (columns: string, from: string) =>
  `(SELECT coalesce(json_agg(t), '[]') FROM (SELECT ${columns} FROM ${from}) t)`;

/** Of the product $1, in the ledger after position $2 and time $3. Everything is counted from what it is about, whatever is kept. */
export const ROWS = `
SELECT ${all(
  `j.id, u.serial, s.name AS station, n.name AS nest, w.number AS order, r.version, j.dirty, j.state, j.epoch::int, j.code,
   ${MS("j.created_at")} AS at, j.deadline IS NOT NULL AS deadline`,
  `job j JOIN unit u ON u.id = j.unit_id JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
   JOIN work_order w ON w.id = j.work_order_id JOIN release r ON r.id = j.release_id WHERE u.product_id = $1`,
)} AS jobs,
${all(
  `a.id, a.job_id AS job, a.epoch::int, a.outcome, a.code, a.touched, a.body_sha256 AS body, a.late,
   a.contradictions <> '{}' AS contradicted, a.first, ${MS("a.accepted_at")} AS at`,
  "attempt a JOIN unit u ON u.id = a.unit_id WHERE u.product_id = $1",
)} AS attempts,
${all(
  `w.number, w.state, w.quantity, w.used, r.version,
   (SELECT count(*)::int FROM job j WHERE j.work_order_id = w.id AND j.state NOT IN ('FAILED', 'CANCELLED', 'SUPERSEDED')) AS counted,
   (SELECT coalesce(sum(k.passed), 0)::int FROM tally k WHERE k.scope = w.id) AS passed,
   (SELECT coalesce(sum(k.running), 0)::int FROM tally k WHERE k.scope = w.id) AS running,
   (SELECT coalesce(sum(k.failed), 0)::int FROM tally k WHERE k.scope = w.id) AS failed`,
  "work_order w JOIN release r ON r.id = w.release_id WHERE w.product_id = $1 ORDER BY w.number",
)} AS orders,
${all("version, state", "release WHERE product_id = $1")} AS releases,
${all(
  `u.serial, k.state, coalesce((SELECT x.kind = 'scrap' FROM rework x WHERE x.unit_id = u.id AND x.kind LIKE '%scrap'
     ORDER BY x.at DESC, x.id DESC LIMIT 1), false) AS scrapped`,
  "unit u JOIN unit_state k ON k.unit_id = u.id WHERE u.product_id = $1",
)} AS units,
${all(
  `s.name AS station, w.number AS order, q.priority, ${MS("q.set_at")} AS at`,
  "station_order q JOIN station s ON s.id = q.station_id JOIN work_order w ON w.id = q.work_order_id WHERE w.product_id = $1",
)} AS queues,
${all(
  `u.serial, x.kind, ${MS("x.at")} AS at`,
  "rework x JOIN unit u ON u.id = x.unit_id WHERE u.product_id = $1 ORDER BY x.at, x.id",
)} AS rework,
${all(
  "h.kind, h.name, host.machine",
  "hold h LEFT JOIN host ON host.id = h.target_id WHERE h.lifted_at IS NULL",
)} AS holds,
ARRAY(SELECT e.kind || CASE WHEN e.subject_kind IN ('job', 'attempt') THEN ' ' || e.subject_id ELSE '' END
  FROM (SELECT at, kind, subject_kind, subject_id FROM ledger_open
        UNION ALL SELECT at, kind, subject_kind, subject_id FROM ledger WHERE position > $2) e
 WHERE e.at > $3 AND e.kind ~ '^(job|attempt|result|order|release|unit|batch|nest|line|station|host)\\.' AND e.kind <> 'host.judged'
   AND (e.subject_kind NOT IN ('job', 'attempt') OR e.subject_id IN (
     SELECT j.id::text FROM job j JOIN unit u ON u.id = j.unit_id WHERE u.product_id = $1
     UNION ALL SELECT a.id::text FROM attempt a JOIN unit u ON u.id = a.unit_id WHERE u.product_id = $1))) AS events`;
