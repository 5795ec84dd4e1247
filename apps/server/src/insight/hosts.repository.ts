import type { HoldView, HostGrounds, HostVerdict } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import { ofServer } from "../ledger/origin.ts";
import type { HostRow } from "../verdict/index.ts";
import { HOST_NAME } from "./host-names.ts";

/** Figures behind a verdict, as stored with it. */
export interface StoredFigures {
  /** Distinct units, and those with a link incident: read together with the sentence. */
  readonly units: number;
  readonly incidents: number;
  readonly failed: number;
  readonly expected: number | null;
  readonly pValue: number | null;
  readonly adjustedP: number | null;
  readonly ratio: number | null;
  readonly strata: number;
  readonly passedElsewhere: number;
  readonly comparedUnits: number;
  readonly method: string;
  readonly grounds: HostGrounds;
}

export interface StoredHost {
  readonly id: string;
  readonly name: string;
  readonly station: string | null;
  readonly machine: string;
  readonly pciAddress: string;
  readonly controller: string;
  readonly driver: string;
  readonly virtual: boolean;
  readonly verdict: HostVerdict;
  /** The grounds in English, also for who reads the database itself. */
  readonly evidence: string;
  readonly since: Date | null;
  readonly hold: HoldView | null;
  readonly statistics: Partial<StoredFigures>;
  readonly counted: HostCounts;
}

/** What a host did in the window, as the latest judgement counted it. */
export interface HostCounts {
  readonly units: number;
  readonly incidents: number;
  readonly attempts: number;
  readonly p95Ms: number | null;
  /** Attempts that went through a hub. */
  readonly behindHub: number;
  /** Hub models in between, the most frequent first. */
  readonly hubs: readonly string[];
  /** Profile that most of its attempts started with. */
  readonly profile: string | null;
}

export interface Cell {
  readonly controller: string;
  readonly driver: string;
  readonly behindHub: boolean;
  readonly profile: string;
  readonly units: number;
  readonly incidents: number;
}

export interface Judged {
  readonly host: string;
  readonly verdict: HostVerdict;
  readonly evidence: string;
  readonly figures: StoredFigures;
}

export interface HostsRepository {
  /** One row for each host, unit and stratum since `from`. */
  rows(from: Date): Promise<readonly HostRow[]>;
  /** Stores verdicts; answers whose verdict changed. A quarantine stands beside them. */
  store(judged: readonly Judged[]): Promise<readonly string[]>;
  /** Counts what every host, and hosts of a kind together, did since `from`. The lists show that until the next time. */
  count(from: Date): Promise<void>;
  hosts(from: Date): Promise<readonly StoredHost[]>;
  /** As they were counted last, and when. */
  cells(): Promise<{ readonly at: Date; readonly cells: readonly Cell[] } | null>;
  /** Runs `work` unless another replica is at it; false then. */
  alone(work: () => Promise<void>): Promise<boolean>;
  /** When the newest result was received; null without any. */
  newest(): Promise<Date | null>;
}

/** $1 start of the window. Reported attempts that an operator did not call off and that do not contradict their job. */
const COUNTED = `a.outcome IS NOT NULL AND a.received_at >= $1
     AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'`;

const ROWS = `
SELECT a.host_id AS host, a.unit_id AS unit,
       concat_ws('/', a.release_id, coalesce('batch ' || u.batch, 'order ' || a.work_order_id),
                 CASE WHEN a.virtual THEN 'virtual' END) AS stratum,
       bool_or(a.link_incident) AS incident,
       bool_or(a.outcome = 'FAIL') AND NOT bool_or(a.outcome = 'PASS') AS failed,
       bool_or(a.outcome = 'FAIL') AND NOT bool_or(a.outcome = 'PASS') AND EXISTS (
         SELECT 1 FROM attempt e WHERE e.unit_id = a.unit_id AND e.host_id <> a.host_id
            AND e.outcome = 'PASS' AND e.contradictions = '{}') AS "passedElsewhere"
  FROM attempt a JOIN unit u ON u.id = a.unit_id
 WHERE ${COUNTED}
 GROUP BY a.host_id, a.unit_id, u.batch, a.release_id, a.work_order_id, a.virtual`;

const STORE = statement(
  ["judged", ...ORIGIN_PARAMETERS],
  z.object({ id: z.string() }),
  `
WITH judged AS (
  SELECT * FROM jsonb_to_recordset(:judged::jsonb) AS j(
    host uuid, verdict text, evidence text, figures jsonb)),
before AS (SELECT h.id, h.verdict FROM host h JOIN judged j ON j.host = h.id),
stored AS (
  UPDATE host h
     SET evidence = j.evidence, statistics = j.figures,
         verdict = j.verdict,
         verdict_since = CASE WHEN h.verdict = j.verdict THEN h.verdict_since ELSE now() END
    FROM judged j WHERE h.id = j.host
     AND (h.evidence, h.statistics, h.verdict) IS DISTINCT FROM (j.evidence, j.figures, j.verdict)
  RETURNING h.*),
changed AS (
  SELECT s.id, s.machine, s.pci_address, s.station_id, s.evidence, s.verdict, b.verdict AS was
    FROM stored s JOIN before b ON b.id = s.id AND b.verdict <> s.verdict),
told AS (${eventSql(
    "host.judged",
    "changed c LEFT JOIN station st ON st.id = c.station_id LEFT JOIN line l ON l.id = st.line_id",
    {
      subjectId: "c.id",
      subjectName: "c.machine || ' ' || c.pci_address",
      plantId: "coalesce(:plantId::uuid, l.plant_id)",
      before: "jsonb_build_object('verdict', c.was)",
      after: "jsonb_build_object('verdict', c.verdict)",
      reason: "c.evidence",
      data: "jsonb_build_object('machine', c.machine, 'pciAddress', c.pci_address)",
    },
  )})
SELECT id FROM changed`,
);

/** $1 start of the window: what is counted of the hosts whose ids `hosts` selects. */
const figuresSql = (hosts: string) => `
counted AS MATERIALIZED (
  SELECT a.host_id, a.unit_id, a.link_incident, a.duration_ms, a.hubs, a.start_profile
    FROM attempt a WHERE ${COUNTED} AND a.host_id IN (${hosts})),
figures AS (
  SELECT host_id, count(*)::int AS attempts, count(DISTINCT unit_id)::int AS units,
         count(DISTINCT unit_id) FILTER (WHERE link_incident)::int AS incidents,
         percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95,
         count(*) FILTER (WHERE jsonb_array_length(hubs) > 0)::int AS behind_hub,
         mode() WITHIN GROUP (ORDER BY start_profile) AS profile
    FROM counted GROUP BY host_id),
models AS (
  SELECT host_id, jsonb_agg(model ORDER BY n DESC, model) AS models FROM (
    SELECT c.host_id, hub ->> 'vendorProduct' AS model, count(*) AS n
      FROM counted c, jsonb_array_elements(c.hubs) hub GROUP BY 1, 2) m GROUP BY host_id),
content AS (
  SELECT h.id, jsonb_build_object('units', coalesce(f.units, 0), 'incidents', coalesce(f.incidents, 0),
           'attempts', coalesce(f.attempts, 0), 'p95Ms', f.p95, 'behindHub', coalesce(f.behind_hub, 0),
           'profile', f.profile, 'hubs', coalesce(m.models, '[]')) AS counted
    FROM host h LEFT JOIN figures f ON f.host_id = h.id LEFT JOIN models m ON m.host_id = h.id
   WHERE h.id IN (${hosts}))`;

/** Rows are locked only once everything is counted: a start may want to note a host's fingerprint. */
const COUNT = `
WITH ${figuresSql("SELECT id FROM host")}
UPDATE host h SET counted = c.counted FROM content c
 WHERE c.id = h.id AND h.counted IS DISTINCT FROM c.counted`;

/** A host that no judgement has counted yet is counted now: it is new, and has few attempts. */
const HOSTS = `
WITH ${figuresSql("SELECT id FROM host WHERE counted IS NULL")},
shown AS (
  SELECT h.id, coalesce(h.counted, c.counted) AS counted FROM host h LEFT JOIN content c ON c.id = h.id)
SELECT h.id, hn.name, hn.station, h.machine, h.pci_address AS "pciAddress", h.controller, h.driver,
       h.virtual, CASE WHEN q.id IS NULL THEN h.verdict ELSE 'QUARANTINED' END AS verdict, h.evidence,
       coalesce(q.set_at, h.verdict_since) AS since, h.statistics, s.counted,
       CASE WHEN q.id IS NOT NULL THEN json_build_object('id', q.id, 'kind', q.kind, 'name', q.name, 'reason', q.reason,
         'origin', q.origin, 'setBy', q.set_by, 'setAt', q.set_at, 'liftedBy', NULL, 'liftedAt', NULL, 'liftReason', NULL) END AS hold
  FROM host h JOIN shown s ON s.id = h.id ${HOST_NAME}
  LEFT JOIN hold q ON q.target_id = h.id AND q.lifted_at IS NULL
 ORDER BY hn.name, h.id`;

const COUNT_CELLS = `
WITH cells AS (
  SELECT h.controller, h.driver, jsonb_array_length(a.hubs) > 0 AS "behindHub",
         coalesce(a.start_profile, '') AS profile,
         count(DISTINCT a.unit_id)::int AS units,
         count(DISTINCT a.unit_id) FILTER (WHERE a.link_incident)::int AS incidents
    FROM attempt a JOIN host h ON h.id = a.host_id
   WHERE ${COUNTED}
   GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4)
INSERT INTO summary (name, content, at)
SELECT 'hosts', coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.controller, c.driver, c."behindHub", c.profile), '[]'), now() FROM cells c
ON CONFLICT (name) DO UPDATE SET content = excluded.content, at = excluded.at`;

const CELLS = `SELECT at, content AS cells FROM summary WHERE name = 'hosts'`;

/** Any number that nothing else locks. */
const JUDGE_LOCK = 4_706_421;

export function hostsRepository(db: Database): HostsRepository {
  const { sql } = db;
  return {
    rows: (from) => sql.query<HostRow>(ROWS, [from]),
    async store(judged) {
      const by = originValues(ofServer("hosts"));
      const changed = await sql.rows(STORE, { judged: JSON.stringify(judged), ...by });
      return changed.map(({ id }) => id);
    },
    async count(from) {
      await sql.execute(COUNT, [from]);
      await sql.execute(COUNT_CELLS, [from]);
    },
    hosts: (from) => sql.query<StoredHost>(HOSTS, [from]),
    async cells() {
      const [row] = await sql.query<{ at: Date; cells: readonly Cell[] }>(CELLS);
      return row ?? null;
    },
    alone: (work) =>
      db.transaction(async (tx) => {
        const [lock] = await tx.query<{ got: boolean }>(
          "SELECT pg_try_advisory_xact_lock($1) AS got",
          [JUDGE_LOCK],
        );
        if (lock?.got !== true) return false;
        await work();
        return true;
      }),
    async newest() {
      const [row] = await sql.query<{ at: Date | null }>(
        "SELECT max(received_at) AS at FROM attempt",
      );
      return row?.at ?? null;
    },
  };
}
