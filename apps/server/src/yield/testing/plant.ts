import { randomUUID } from "node:crypto";
import pg from "pg";
import { lineOf } from "../../jobs/testing.ts";
import { startTestServer, type TestServer } from "../../testing/server.ts";

/** An attempt as the tests tell it; the rest is copied from one that a station made. */
export interface MadeAttempt {
  readonly unit: number;
  readonly step: number;
  /** When it began, milliseconds since 1970. */
  readonly at: number;
  readonly result: "PASS" | "FAIL" | "cancelled" | "contradicted" | "untold";
  readonly code: string;
  readonly blame: string;
  readonly station: number;
  readonly nest: number;
  readonly host: number;
  readonly release: number;
  readonly order: number;
  readonly ms: number | null;
}

const DAY_MS = 86_400_000;
/** L3-02 was moved then: in the third of the days of which attempts are made up, in the midst of a quarter of an hour. */
const MOVED_AT = Math.floor(Date.now() / DAY_MS) * DAY_MS - 6.31 * DAY_MS;

/** Of virtual units are those at the last of the hosts. */
export const HOSTS = [randomUUID(), randomUUID(), randomUUID()];
const UNITS = 40;
const unitId = (unit: number) => `00000000-0000-4000-8000-${String(unit).padStart(12, "0")}`;
const jobId = (unit: number) => `00000000-0000-4000-9000-${String(unit).padStart(12, "0")}`;

const phasesOf = ({ ms, unit }: MadeAttempt) =>
  ms === null ? {} : { write: ms / 2, ...(unit % 3 === 0 ? {} : { erase: ms / 10 + 400 }) };

/** A plant with two steps, releases, orders and lines, three stations and hosts, in which attempts are made up. */
export interface MadePlant {
  readonly server: TestServer;
  readonly client: pg.Client;
  readonly stations: readonly string[];
  /** Stores a result as the server does, with its triggers. */
  report(attempt: MadeAttempt): Promise<void>;
  /** Does that on a connection of its own, whose transaction is ended by `done`. */
  reporter(): Promise<{
    report(attempt: MadeAttempt, isOpen?: boolean): Promise<void>;
    done(): Promise<void>;
    close(): Promise<void>;
  }>;
  repair(unit: number, at: number): Promise<void>;
  /** A step of the verdict on a host. */
  judge(host: number, rung: string, at: number): Promise<void>;
  /** Takes away all attempts and what is counted of them. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const COPIES = `
INSERT INTO process_step (id, product_id, name, position) SELECT $3::uuid, product_id, 'test', 2 FROM process_step LIMIT 1;
INSERT INTO release SELECT (jsonb_populate_record(r, jsonb_build_object('id', $4::text, 'version', '2.0.0', 'counter', 2, 'manifest_sha256', 'none'))).* FROM release r;
INSERT INTO work_order SELECT (jsonb_populate_record(w, jsonb_build_object('id', $5::text, 'number', 'WO-2'))).* FROM work_order w;
INSERT INTO host SELECT (jsonb_populate_record(h, jsonb_build_object('id', i.id, 'key', i.id, 'controller', i.controller))).*
  FROM host h, jsonb_to_recordset($1::jsonb) AS i(id text, controller text);
INSERT INTO unit SELECT (jsonb_populate_record(u, jsonb_build_object('id', i.unit, 'serial', 'SN2' || i.n))).*
  FROM unit u, jsonb_to_recordset($2::jsonb) AS i(unit text, job text, n text);
INSERT INTO job SELECT (jsonb_populate_record(j, jsonb_build_object('id', i.job, 'unit_id', i.unit))).*
  FROM job j, jsonb_to_recordset($2::jsonb) AS i(unit text, job text, n text);
INSERT INTO unit_state (unit_id, serial, state) SELECT id, serial, 'passed' FROM unit WHERE serial LIKE 'SN2%';
INSERT INTO plant SELECT (jsonb_populate_record(p, jsonb_build_object('id', $6::text, 'name', 'Wien'))).* FROM plant p;
INSERT INTO line (id, name, plant_id) VALUES ($7::uuid, 'W1', $6::uuid);
UPDATE station SET line_id = $7::uuid WHERE name = 'L3-03';
UPDATE station_line SET line_id = $7::uuid WHERE station_id = (SELECT id FROM station WHERE name = 'L3-03');
UPDATE station_line SET line_id = $7::uuid, until = $8 WHERE station_id = (SELECT id FROM station WHERE name = 'L3-02');
INSERT INTO station_line (station_id, line_id, since) SELECT id, line_id, $8 FROM station WHERE name = 'L3-02'`;

/** Texts in place of the numbers of parameters: several statements at once take none. */
const filled = (text: string, values: readonly string[]) =>
  values.reduceRight((sql, value, n) => sql.replaceAll(`$${n + 1}`, `'${value}'`), text);

const INSERT = `
INSERT INTO attempt SELECT (jsonb_populate_record(a, $1::jsonb)).* FROM pattern a`;
const FIRST = `SELECT id, accepted_at FROM attempt WHERE unit_id = $1 AND step_id = $2 AND first`;
const TELL = `
UPDATE attempt SET outcome = $2, code = $3, blame = $4, contradictions = $5, duration_ms = $6, link_incident = $7, first = $8, phase_ms = $9,
       received_at = accepted_at + interval '1 minute' WHERE id = $1`;

export async function madePlant(): Promise<MadePlant> {
  const server = await startTestServer({ idle: true });
  await lineOf(server).flash("SN1001");
  const others = [await server.addStation("L3-02"), await server.addStation("L3-03")];
  const stations = [server.seed.station, ...others];
  const [step, release, order] = [randomUUID(), randomUUID(), randomUUID()];
  const client = new pg.Client({ connectionString: server.database.url });
  await client.connect();
  await client.query("SET session_replication_role = replica");
  const units = Array.from({ length: UNITS }, (_, n) => ({
    unit: unitId(n),
    job: jobId(n),
    n: String(n).padStart(3, "0"),
  }));
  const hosts = HOSTS.map((id, n) => ({ id, controller: ["1022:15b8", "8086:a36d", ""][n] }));
  const values = [JSON.stringify(hosts), JSON.stringify(units)];
  const ids = [step, release, order, randomUUID(), randomUUID()];
  await client.query(filled(COPIES, [...values, ...ids, new Date(MOVED_AT).toISOString()]));
  await client.query("CREATE TABLE pattern AS SELECT * FROM attempt");
  await client.query("SET session_replication_role = origin");
  const steps = [server.seed.stepId, step];

  async function reportOn(on: pg.Client, made: MadeAttempt, isOpen = false): Promise<void> {
    const id = randomUUID();
    const station = stations[made.station];
    const stepId = steps[made.step];
    const row = {
      id,
      unit_id: unitId(made.unit),
      job_id: jobId(made.unit),
      step_id: stepId,
      station_id: station?.id,
      nest_id: station?.nests[made.nest]?.id,
      release_id: [server.seed.releaseId, release][made.release],
      work_order_id: [server.seed.workOrderId, order][made.order],
      host_id: HOSTS[made.host],
      virtual: made.host === HOSTS.length - 1,
      accepted_at: new Date(made.at),
      received_at: null,
      first: false,
      epoch: 1,
      outcome: null,
      code: null,
      blame: null,
      duration_ms: null,
      body_sha256: null,
    };
    await on.query("BEGIN");
    await on.query(INSERT, [JSON.stringify(row)]);
    if (made.result !== "untold") {
      const { rows } = await on.query<{ id: string; accepted_at: Date }>(FIRST, [
        row.unit_id,
        stepId,
      ]);
      const counts = made.result === "PASS" || made.result === "FAIL";
      const isPass = made.result === "PASS" || made.result === "contradicted";
      const values = [
        ...[id, isPass ? "PASS" : "FAIL"],
        isPass ? null : made.result === "cancelled" ? "attempt.cancelled" : made.code,
        isPass ? null : made.blame,
        made.result === "contradicted" ? ["manifest"] : [],
        ...[made.ms, made.blame === "host", counts && rows.length === 0],
        JSON.stringify(phasesOf(made)),
      ];
      await on.query(TELL, values);
      const [before] = rows;
      if (counts && before !== undefined && before.accepted_at.getTime() > made.at) {
        await on.query("UPDATE attempt SET first = false WHERE id = $1", [before.id]);
        await on.query("UPDATE attempt SET first = true WHERE id = $1", [id]);
      }
    }
    if (!isOpen) await on.query("COMMIT");
  }

  return {
    server,
    client,
    report: (made) => reportOn(client, made),
    async reporter() {
      const own = new pg.Client({ connectionString: server.database.url });
      await own.connect();
      return {
        report: (made, isOpen) => reportOn(own, made, isOpen),
        async done() {
          await own.query("COMMIT");
        },
        close: () => own.end(),
      };
    },
    stations: stations.map(({ name }) => name),
    async repair(unit, at) {
      await client.query(
        "INSERT INTO rework (id, unit_id, kind, what, done_by, at) VALUES (gen_random_uuid(), $1, 'repair', 'cable', 'lead', $2)",
        [unitId(unit), new Date(at)],
      );
    },
    async judge(host, rung, at) {
      await client.query(
        `INSERT INTO verdict_step (id, population, level, name, from_rung, to_rung, at, evidence)
         VALUES (gen_random_uuid(), 'p', 'controller', $1, 'WATCH', $2, $3, '{}')`,
        [HOSTS[host], rung, new Date(at)],
      );
    },
    async clear() {
      await client.query(`
SET session_replication_role = replica;
DELETE FROM attempt; DELETE FROM rework; DELETE FROM verdict_step; DELETE FROM yield_count; DELETE FROM yield_touched;
UPDATE yield_progress SET counted_until = to_timestamp(0), watched_until = to_timestamp(0);
SET session_replication_role = origin`);
    },
    async close() {
      await client.end();
      await server.close();
    },
  };
}
