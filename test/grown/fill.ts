import { type SeededStation, withClient } from "@flashline/server/testing";
import { LEDGER } from "./fill-ledger.ts";
import { withoutIndexes } from "./indexes.ts";

const PRODUCTS = 6;
const RELEASES_A_PRODUCT = 4;
const UNITS_AN_ORDER = 2_000;
/** One unit in so many fails at first; one in the second number ends before the first erase, one in the third is never told. */
const FAILED_ONE_IN = 14;
const REFUSED_ONE_IN = 97;
const UNKNOWN_ONE_IN = 20_000;
/** Attempts a unit, by these shares. */
const ATTEMPTS_A_UNIT = 1 + 0.9 / FAILED_ONE_IN;
const MANY_INCIDENTS = 667;
/** Units that are made with one statement. */
const PART = 50_000;
/** Work orders that are open, the last ones. */
const OPEN = 40;

/** Ids sort by their time, as the server's own do, and are told from what they are of. */
const ID = `
CREATE FUNCTION pg_temp.id(kind text, n bigint, at timestamptz DEFAULT '2026-01-01') RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || kind || '8' || lpad(to_hex(n), 15, '0'))::uuid $$`;

const incidents = (
  count: string,
) => `(SELECT jsonb_agg(jsonb_build_object('code', 'link.stall', 'phase', 'write',
  'atMs', n * 10, 'address', 134217728 + n * 2048, 'detail', 'The transfer was stalled.')) FROM generate_series(1, ${count}) n)`;

/** A plant's products, releases, orders and hosts around what the seed made. */
const setting = (releaseId: string, orders: number, days: number) => `
CREATE TEMP TABLE made AS SELECT p AS product, pg_temp.id('001', p) AS product_id, pg_temp.id('002', p) AS step_id
  FROM generate_series(1, ${PRODUCTS}) p;
INSERT INTO product (id, name, title, chip, serial_pattern, registration, allow_virtual)
  SELECT product_id, 'GROWN-' || product, 'Grown ' || product, 'STM32F407', NULL, 'listed', true FROM made;
INSERT INTO process_step (id, product_id, name, position) SELECT step_id, product_id, 'flash', 1 FROM made;
INSERT INTO release (id, product_id, version, counter, chip, state, "check", manifest, manifest_sha256, signature, key_id, recipe,
                     created_at, created_by, released_at)
  SELECT pg_temp.id('003', product * 100 + n), made.product_id, '1.' || n || '.0', n, 'STM32F407', 'released', 'passed', s.manifest,
         md5(product || '.' || n) || md5('x' || product || '.' || n), s.signature, s.key_id, s.recipe,
         now() - interval '${days} days' + n * interval '1 hour', 'bench', now() - interval '${days} days'
    FROM made, generate_series(1, ${RELEASES_A_PRODUCT}) n, release s WHERE s.id = '${releaseId}';
INSERT INTO release_image SELECT r.id, 0, 'app.bin', i.image_sha256, i.address
  FROM release r, release_image i WHERE i.release_id = '${releaseId}' AND r.id <> i.release_id;
INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, state, created_at, created_by)
  SELECT pg_temp.id('004', n), 'GROWN-' || lpad(n::text, 6, '0'), product_id,
         pg_temp.id('003', product * 100 + 1 + n / ${PRODUCTS} % ${RELEASES_A_PRODUCT}), step_id, ${UNITS_AN_ORDER} * 2,
         CASE WHEN n > ${orders} - ${OPEN} THEN 'open' ELSE 'closed' END,
         now() - interval '${days} days' + n * interval '${days} days' / ${orders}, 'bench'
    FROM generate_series(1, ${orders}) n JOIN made ON product = 1 + n % ${PRODUCTS};
CREATE TEMP TABLE place AS SELECT row_number() OVER (ORDER BY s.name) - 1 AS n, s.id AS station_id, s.machine,
    ARRAY(SELECT id FROM nest WHERE station_id = s.id ORDER BY name) AS nests FROM station s;
INSERT INTO host (id, key, machine, pci_address, controller, driver, fingerprint)
  SELECT pg_temp.id('005', n * 2 + c), machine || c, machine, '0000:0' || c || ':14.0',
         CASE c WHEN 0 THEN '8086:a36d' ELSE '1022:15b8' END, 'xhci_hcd', jsonb_build_object('hostname', machine)
    FROM place, generate_series(0, 1) c;
CREATE TABLE IF NOT EXISTS grown (station int PRIMARY KEY, station_id uuid, nests uuid[]);
INSERT INTO grown SELECT n, station_id, nests FROM place;
UPDATE station SET doctor_at = now(), doctor = json_build_object('at', '2026-11-29T10:00:00.000Z', 'findings',
  (SELECT json_agg(json_build_object('name', 'unit ' || f, 'level', 'ok', 'sentence', repeat('It is well. ', 10))) FROM generate_series(1, 20) f))`;

/** A few units that are made with one statement, of all of them. */
interface Part extends Omit<Growth, "attempts"> {
  readonly from: number;
  readonly to: number;
  readonly units: number;
  readonly orders: number;
}
/** Every third unit of the last day at the bad station, at its first controller. */
const isBad = (station: number) =>
  `(g.station = ${station} AND u % 11 <> 0 AND at > now() - interval '1 day' AND u % 3 = 0)`;

/** One row a unit: its order, place and times; what follows is made from it. */
const drawn = ({ from, to, units, orders, days, bad }: Part) => `
CREATE TEMP TABLE drawn AS
SELECT u, at, pg_temp.id('006', u, at) AS unit_id, o.id AS order_id, o.product_id, o.release_id, o.step_id,
       g.station_id, g.nests[1 + u / 7 % cardinality(g.nests)] AS nest_id,
       pg_temp.id('005', g.station * 2 + CASE WHEN u % 11 = 0 THEN 1 ELSE 0 END) AS host_id,
       u % ${FAILED_ONE_IN} = 0${bad === undefined ? "" : ` OR ${isBad(bad)}`} AS failed, u % ${REFUSED_ONE_IN} = 0 AS refused, u % ${UNKNOWN_ONE_IN} = 0 AS unknown,
       u % ${FAILED_ONE_IN} = 0 AND u % ${FAILED_ONE_IN * 10} <> 0 AS again
  FROM generate_series(${from}, ${to}) u
  CROSS JOIN LATERAL (SELECT now() - interval '${days} days' + u * (interval '${days} days' / ${units}) AS at) t
  JOIN work_order o ON o.id = pg_temp.id('004', 1 + (u::bigint * ${orders} / ${units + 1}))
  JOIN grown g ON g.station = u % (SELECT count(*) FROM grown)`;

const UNITS = `
INSERT INTO unit (id, product_id, serial, batch, created_at)
SELECT unit_id, product_id, 'GR' || to_char(at, 'YY') || '-' || lpad(u::text, 9, '0'), 'B' || u / 500, at - interval '1 hour' FROM drawn`;

/** `try` 0 or 1; a unit's second try is eleven minutes later. */
const jobs = (second: boolean) => `
INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, epoch, code, created_at, changed_at)
SELECT pg_temp.id('${second ? "008" : "007"}', u, at), unit_id, station_id, nest_id, order_id, release_id, step_id,
       ${second ? "'PASSED'" : "CASE WHEN unknown THEN 'UNKNOWN' WHEN failed THEN 'FAILED' WHEN refused THEN 'CANCELLED' ELSE 'PASSED' END"},
       1, NULL, at + ${second ? "interval '11 minutes'" : "interval '0'"}, at + interval '${second ? "11 minutes 12 s" : "12 s"}'
  FROM drawn ${second ? "WHERE again AND NOT unknown" : ""}`;

const attempts = (second: boolean) => {
  const fails = second ? "false" : "(failed OR refused)";
  return `
INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, host_id, epoch, outcome,
  first, code, blame, phase, touched, link_incident, incidents, profile, start_profile, bytes, duration_ms, phase_ms, chip, chip_match,
  chip_evidence, port_path, hubs, usb_serial, agent_version, accepted_at, started_at, finished_at, received_at, skew_ms, body, body_sha256)
SELECT pg_temp.id('${second ? "00a" : "009"}', u, at), pg_temp.id('${second ? "008" : "007"}', u, at), unit_id, station_id, nest_id,
       order_id, release_id, step_id, host_id, 1, CASE WHEN unknown THEN NULL WHEN ${fails} THEN 'FAIL' ELSE 'PASS' END,
       ${second ? "false" : "NOT unknown"}, CASE WHEN NOT ${fails} THEN NULL WHEN failed THEN 'link.budget' ELSE 'protection.read' END,
       CASE WHEN NOT ${fails} THEN NULL WHEN failed THEN 'host' ELSE 'unit' END, CASE WHEN ${fails} THEN 'write' END,
       NOT ${fails} OR failed, ${fails} AND failed,
       CASE WHEN ${fails} AND failed AND u % ${FAILED_ONE_IN * 1_000} = 0 THEN ${incidents(String(MANY_INCIDENTS))}
            WHEN ${fails} AND failed THEN ${incidents("2")} ELSE '[]'::jsonb END,
       'standard', 'standard', 8192, 9000 + u % 3000, '{"erase":400,"write":500,"verify":334.5}', 'STM32F407', 'class',
       '["layout string"]', '1-' || 1 + u % 4, CASE WHEN u % 3 = 0 THEN '[{"vendorProduct":"05e3:0608"}]'::jsonb ELSE '[]'::jsonb END,
       '357B34843039', '0.1.0', began, began, began + interval '10 s', CASE WHEN unknown THEN NULL ELSE began + interval '11 s' END, 1,
       CASE WHEN unknown THEN NULL ELSE convert_to('{"filler":"' || repeat(md5(u::text), 40) || '"}', 'UTF8') END,
       CASE WHEN unknown THEN NULL ELSE md5(u::text) || md5('b' || u) END
  FROM (SELECT d.*, at + ${second ? "interval '11 minutes'" : "interval '0'"} AS began FROM drawn d) d
       ${second ? "WHERE again AND NOT unknown" : ""}`;
};

/** Units that nobody worked on yet, in the orders that are open. */
const waiting = (orders: number) => `
INSERT INTO unit (id, product_id, serial, created_at)
SELECT gen_random_uuid(), o.product_id, 'NEW-' || lpad((n * 1000 + m)::text, 9, '0'), now()
  FROM generate_series(1, ${OPEN}) n JOIN work_order o ON o.id = pg_temp.id('004', ${orders} - ${OPEN} + n), generate_series(1, 500) m`;

const USED = `
UPDATE work_order w SET used = (SELECT count(*) FROM job j WHERE j.work_order_id = w.id
  AND j.state IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING', 'PASSED', 'UNKNOWN'))`;

/** What triggers would have kept. */
const KEPT = `
INSERT INTO unit_state (unit_id, serial, state, worked_at, counted)
SELECT u.id, u.serial, n.state, n.worked_at, n.counted FROM unit u CROSS JOIN LATERAL unit_now(u.id) n;
INSERT INTO attempt_day (day, serial, unit_id, accepted_at)
SELECT DISTINCT (a.accepted_at AT TIME ZONE 'UTC')::date, u.serial COLLATE "C", u.id, a.accepted_at FROM attempt a JOIN unit u ON u.id = a.unit_id;
INSERT INTO tally (scope, shard, passed, running, failed)
SELECT c.key::uuid, 0, count(*) FILTER (WHERE c.value = 'passed'), count(*) FILTER (WHERE c.value = 'running'),
       count(*) FILTER (WHERE c.value = 'failed')
  FROM unit_state s, jsonb_each_text(s.counted) c GROUP BY c.key;
INSERT INTO tally (scope, shard, units) SELECT product_id, 0, count(*) FROM unit GROUP BY product_id;
INSERT INTO station_quarter (station_id, begins_at, passed, failed)
SELECT station_id, quarter_of(received_at), count(*) FILTER (WHERE outcome = 'PASS'), count(*) FILTER (WHERE outcome = 'FAIL')
  FROM attempt WHERE received_at > now() - interval '2 days' AND NOT late AND outcome IS NOT NULL GROUP BY 1, 2;
UPDATE host h SET many_stations = w.n > 1, station_id = CASE WHEN w.n = 1 THEN w.one END
  FROM (SELECT host_id, count(DISTINCT station_id) AS n, (array_agg(station_id))[1] AS one FROM attempt GROUP BY host_id) w
 WHERE h.id = w.host_id`;

/** $1 number of orders, $2 stations: each works on one of the open orders. */
const SET_TO_WORK = `
WITH named AS (
  SELECT s.id, t.n FROM station s JOIN unnest($2::text[]) WITH ORDINALITY AS t(name, n) ON t.name = s.name),
before AS (DELETE FROM station_order so USING named WHERE so.station_id = named.id)
INSERT INTO station_order (station_id, work_order_id)
SELECT id, pg_temp.id('004', $1::int - n % ${OPEN}) FROM named`;

/** How much a plant has made, and in how many days until now. */
export interface Growth {
  readonly attempts: number;
  readonly days: number;
  /** A station, by its place, whose host fails since a day; undefined: all are alike. */
  readonly bad?: number;
}

/** Puts about so many attempts into a seeded database. Resolves to how many there are. */
export async function fill(
  url: string,
  stations: readonly SeededStation[],
  releaseId: string,
  growth: Growth,
  say: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  const { attempts: wanted, days } = growth;
  const units = Math.round(wanted / ATTEMPTS_A_UNIT);
  const orders = Math.max(50, Math.round(units / UNITS_AN_ORDER));
  return await withClient(url, async (client) => {
    // What is kept by triggers is counted at the end.
    await client.query("SET session_replication_role = replica");
    await client.query("SET jit = off");
    await client.query(ID);
    await client.query(setting(releaseId, orders, days));
    const write = async () => {
      for (let from = 1; from <= units; from += PART) {
        const to = Math.min(units, from + PART - 1);
        await client.query(drawn({ ...growth, from, to, units, orders }));
        await client.query(UNITS);
        for (const second of [false, true]) {
          await client.query(jobs(second));
          await client.query(attempts(second));
        }
        await client.query("DROP TABLE drawn");
        say(`${to} of ${units} units after ${((performance.now() - began) / 1000).toFixed(0)} s`);
      }
      await client.query(waiting(orders));
    };
    await withoutIndexes(client, ["unit", "job", "attempt"], write);
    say(`indexed after ${((performance.now() - began) / 1000).toFixed(0)} s`);
    await client.query(USED);
    await client.query("ANALYZE");
    await client.query(KEPT);
    await withoutIndexes(client, ["ledger"], async () => void (await client.query(LEDGER)));
    await client.query("SET session_replication_role = DEFAULT");
    await client.query(SET_TO_WORK, [orders, stations.map(({ name }) => name)]);
    await client.query("VACUUM (ANALYZE)");
    const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM attempt");
    return rows[0]?.n ?? 0;
  });
}
