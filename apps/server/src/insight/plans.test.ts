import type { UnitView, YieldQuery } from "@flashline/contract";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRules } from "../alarms/rules.repository.ts";
import { SOURCES } from "../alarms/sources.ts";
import type { Database } from "../db/database.ts";
import { sqlOn } from "../db/sql.ts";
import { lineOf } from "../jobs/testing.ts";
import { stationsRepository } from "../live/stations.repository.ts";
import { type FoundSelection, SELECTED } from "../selection/conditions.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { figuresRepository } from "../yield/figures.repository.ts";
import { yieldService } from "../yield/service.ts";
import { attemptsRepository } from "./attempts.repository.ts";
import { readCursor, type UnitCursor } from "./unit-cursor.ts";
import { unitsRepository } from "./units.repository.ts";

/** Enough for PostgreSQL to find that an index costs less than to read them all. */
const UNITS = 20_000;
const ATTEMPTS = 5_000;
const NOTHING = Object.fromEntries(SELECTED.map((name) => [name, undefined])) as FoundSelection;
/** Tables that grow with every unit. */
const GROWING = ["attempt", "attempt_day", "job", "unit", "unit_state"];

let server: TestServer;
let client: pg.Client;
beforeAll(async () => {
  server = await startTestServer();
  await lineOf(server).flash("SN6001");
  client = new pg.Client({ connectionString: server.database.url });
  await client.connect();
  await client.query("SET session_replication_role = replica");
  // Copies of the one attempt with all that belongs to it, ten minutes apart.
  await client.query(`
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS unit_id, gen_random_uuid() AS job_id, gen_random_uuid() AS id,
       now() - n * interval '10 minutes' AS at, 'SN' || 1000000 + n AS serial FROM generate_series(1, ${UNITS}) n;
INSERT INTO unit SELECT (jsonb_populate_record(u, jsonb_build_object('id', m.unit_id, 'serial', m.serial))).* FROM unit u, made m;
INSERT INTO unit_state SELECT m.unit_id, m.serial, s.state, m.at, s.counted FROM unit_state s, made m;
DELETE FROM made WHERE n > ${ATTEMPTS};
INSERT INTO job SELECT (jsonb_populate_record(j, jsonb_build_object('id', m.job_id, 'unit_id', m.unit_id, 'created_at', m.at))).* FROM job j, made m;
INSERT INTO attempt SELECT (jsonb_populate_record(a, jsonb_build_object('id', m.id, 'job_id', m.job_id, 'unit_id', m.unit_id,
    'accepted_at', m.at, 'received_at', m.at))).* FROM attempt a, made m;
INSERT INTO attempt_day SELECT (m.at AT TIME ZONE 'UTC')::date, m.serial, m.unit_id, m.at FROM made m;
ANALYZE`);
});
afterAll(async () => {
  await client.end();
  await server.close();
});

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

const readWhole = (plan: Plan): readonly string[] => {
  const name = plan["Relation Name"];
  const own = plan["Node Type"] === "Seq Scan" && name !== undefined ? [name] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(readWhole)];
};

/** Which growing tables the statements of `work` read from their beginning to their end. */
async function wholeTablesIn(work: (db: Database) => Promise<unknown>): Promise<readonly string[]> {
  const found: string[] = [];
  const watched = {
    async query(text: string, values: unknown[]) {
      if (text.startsWith("SET ")) return await client.query(text);
      const explained = await client.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        values,
      );
      for (const { Plan: plan } of explained.rows[0]?.["QUERY PLAN"] ?? [])
        found.push(...readWhole(plan));
      return await client.query(text, values);
    },
  };
  const sql = sqlOn(watched as unknown as pg.PoolClient);
  await work({ sql, transaction: (run) => run(sql) } as Database);
  return found.filter((name) => GROWING.includes(name));
}

it("no list of attempts reads them all", async () => {
  const { rows } = await client.query<{ id: string; host_id: string }>(
    `SELECT id, host_id FROM attempt ORDER BY received_at LIMIT 1 OFFSET ${ATTEMPTS / 2}`,
  );
  const [{ id: after, host_id: host } = { id: "", host_id: "" }] = rows;
  const station = server.seed.station.id;
  const elsewhere = host;
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const to = new Date().toISOString();
  for (const { after: behind, sort, ...selection } of [
    { after: undefined, sort: "duration" as const },
    { after, sort: "-duration" as const },
    { after, sort: "-duration" as const, outcome: "FAIL" },
    { after, sort: "time" as const },
    { after: undefined, sort: "time" as const, from, to },
    { after: undefined },
    { after },
    { outcome: "FAIL", after: undefined },
    { outcome: "FAIL", after },
    { station, after: undefined },
    { station, outcome: "FAIL", after: undefined },
    { host, after },
    { host, station: elsewhere, after: undefined },
    { from, to, after: undefined },
    { from, station, first: true, after },
    { to, after: undefined },
  ]) {
    const filter = { ...selection, after: behind, sort };
    const whole = await wholeTablesIn((db) =>
      attemptsRepository(db).list(selection, { limit: 50, after: behind, sort }),
    );
    expect(whole, JSON.stringify(filter)).toEqual([]);
  }
  expect(await wholeTablesIn((db) => attemptsRepository(db).detail(after, false))).toEqual([]);
});

it("no list of units reads them all, whatever is looked for", async () => {
  const after = {
    order: "worked",
    at: new Date().toISOString(),
    id: server.seed.productId,
  } as const;
  const behindSerial = { ...after, order: "by -serial", at: "SN1005432" } as const;
  for (const filter of [
    { search: "" },
    { search: "", state: "failed" },
    { search: "", sort: "serial" as const },
    { search: "", sort: "-serial" as const, state: "failed" },
    { search: "", sort: "worked" as const },
    { search: "", sort: "-serial" as const, after: behindSerial },
    { search: "", after },
    { search: "SN" },
    { search: "15432" },
    { search: "ZZ", state: "passed" },
    { search: "SN10", after: { ...after, order: "serial" as const, at: "SN1005432" } },
  ]) {
    const whole = await wholeTablesIn((db) =>
      unitsRepository(db).find({ limit: 50, state: undefined, after: undefined, ...filter }),
    );
    expect(whole, JSON.stringify(filter)).toEqual([]);
  }
  const { rows } = await client.query<{ id: string }>("SELECT id FROM unit LIMIT 1");
  const id = rows[0]?.id ?? "";
  expect(await wholeTablesIn((db) => unitsRepository(db).detail(id))).toEqual([]);
  expect(await wholeTablesIn((db) => attemptsRepository(db).ofUnit(id, 100))).toEqual([]);
});

it("units of a stretch of time come by serial, each once, from wherever the list goes on", async () => {
  const { rows: all } = await client.query<{ serial: string; at: Date }>(
    `SELECT u.serial, a.accepted_at AS at FROM attempt a JOIN unit u ON u.id = a.unit_id ORDER BY u.serial COLLATE "C"`,
  );
  // A second attempt on another day of the same stretch, which is no second row.
  await client.query(`INSERT INTO attempt_day SELECT day - 1, serial, unit_id, accepted_at - interval '1 day' FROM attempt_day
    WHERE serial LIKE '%7' ON CONFLICT DO NOTHING`);
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const stretches = [
    { from: ago(30), to: undefined },
    { from: undefined, to: ago(20.3) },
    { from: ago(12.7), to: ago(2.1) },
    { from: ago(0.1), to: undefined },
    { from: ago(390), to: ago(-400) },
    { from: ago(900), to: undefined },
    { from: ago(90), to: ago(60) },
  ];
  for (const { from, to } of stretches) {
    for (const sort of ["serial", "-serial"] as const) {
      const within = all.filter(
        ({ at }) =>
          at.getTime() >= Date.parse(from ?? "0000") && at.getTime() < Date.parse(to ?? "9999"),
      );
      const wanted = within.map(({ serial }) => serial);
      if (sort === "-serial") wanted.reverse();
      const found: string[] = [];
      let after: UnitCursor | undefined;
      do {
        const filter = { search: "", state: undefined, limit: 50, after, sort };
        let page: readonly UnitView[] = [];
        const whole = await wholeTablesIn(async (db) => {
          page = await unitsRepository(db).findSelected({ ...NOTHING, from, to }, filter);
        });
        found.push(...page.map(({ serial }) => serial));
        after = page.length === 50 ? readCursor(page.at(-1)?.cursor ?? "") : undefined;
        // Where less than a page is left, all of the stretch is looked at; and one may have too many days to look at each.
        if (after !== undefined && from !== undefined && from > ago(400))
          expect(whole, `${sort} ${from} ${to}`).toEqual([]);
      } while (after !== undefined && found.length <= 500);
      expect(found).toEqual(wanted.slice(0, found.length));
      expect(found.length).toBeGreaterThanOrEqual(Math.min(500, wanted.length));
    }
  }
});

it("neither the day's yield nor the stations read all attempts", async () => {
  const { product } = server.seed;
  const yieldOf = (query: YieldQuery) => (db: Database) =>
    yieldService(db.sql, figuresRepository(db))(query);
  expect(await wholeTablesIn(yieldOf({}))).toEqual([]);
  expect(await wholeTablesIn(yieldOf({ product }))).toEqual([]);
  const { name: station } = server.seed.station;
  const query = { window: "yesterday", station, by: "host", against: "before" } as const;
  expect(await wholeTablesIn(yieldOf(query))).toEqual([]);
  expect(await wholeTablesIn((db) => stationsRepository(db).bases())).toEqual([]);
});

it("no rule of alarms reads all of them", async () => {
  const rules = await readRules(server.platform.db.sql);
  for (const source of SOURCES) {
    const scopes = rules.filter(({ rule }) => rule === source.rule);
    const whole = await wholeTablesIn((db) => source.find(db.sql, scopes));
    expect([scopes.length, whole], source.rule).toEqual([1, []]);
  }
});
