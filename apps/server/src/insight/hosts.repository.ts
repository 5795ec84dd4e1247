import { HoldView, HostVerdict } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { HOST_NAME } from "../db/host-names.ts";
import { jsonText } from "../db/json-text.ts";
import { statement } from "../db/statement.ts";
import { HostFigures } from "../verdict/index.ts";
import { type HubEffectOf, HubStratum, hubEffects } from "./hub-effects.ts";

const HostCounts = z.object({
  units: z.number(),
  incidents: z.number(),
  attempts: z.number(),
  p95Ms: z.number().nullable(),
  /** Attempts that went through a hub. */
  behindHub: z.number(),
  /** Hub models in between, the most frequent first. */
  hubs: z.array(z.string()),
  /** Profile that most of its attempts started with. */
  profile: z.string().nullable(),
  /** Units that failed here and never passed here, and how many of those passed at another host. */
  failed: z.number().default(0),
  passedElsewhere: z.number().default(0),
  /** Share of incidents that those compared with let expect; null without a comparison. */
  expected: z.number().nullable().default(null),
});
/** What a host did in the window, as it was counted last. */
export type HostCounts = z.infer<typeof HostCounts>;

const StoredHost = z.object({
  id: z.string(),
  name: z.string(),
  station: z.string().nullable(),
  machine: z.string(),
  pciAddress: z.string(),
  controller: z.string(),
  driver: z.string(),
  virtual: z.boolean(),
  verdict: z.enum(HostVerdict),
  /** Why, in English, also for who reads the database itself. */
  evidence: z.string(),
  since: z.date().nullable(),
  hold: HoldView.nullable(),
  /** Null: not judged yet, or by an older version. */
  figures: HostFigures.nullable().catch(null),
  counted: HostCounts,
});
export type StoredHost = z.infer<typeof StoredHost>;

const Cell = z.object({
  controller: z.string(),
  driver: z.string(),
  behindHub: z.boolean(),
  profile: z.string(),
  units: z.number(),
  incidents: z.number(),
});
export type Cell = z.infer<typeof Cell>;

export interface HostsRepository {
  /** Counts what every host, and hosts of a kind together, did since `from`. The lists show that until the next time. */
  count(from: Date): Promise<void>;
  hosts(from: Date): Promise<readonly StoredHost[]>;
  /** As they were counted last, and when. */
  cells(): Promise<{ readonly at: Date; readonly cells: readonly Cell[] } | null>;
  /** What hubs in between did, counted at the same time. */
  hubEffects(): Promise<readonly HubEffectOf[]>;
  /** Runs `work` unless another replica is at it; false then. */
  alone(work: () => Promise<void>): Promise<boolean>;
  /** When the newest result was received; null without any. */
  newest(): Promise<Date | null>;
}

/** Reported attempts of the window that an operator did not call off and that do not contradict their job. */
const COUNTED = `a.outcome IS NOT NULL AND a.received_at >= :from
     AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'`;

const ALL = statement([], z.object({ id: z.string() }), "SELECT id FROM host ORDER BY id");

/** What is counted in the window of the hosts whose ids `hosts` selects. */
const figuresSql = (hosts: string) => `
counted AS MATERIALIZED (
  SELECT a.host_id, a.unit_id, a.link_incident, a.duration_ms, a.hubs, a.start_profile, a.outcome,
         concat_ws('/', a.release_id, coalesce('batch ' || u.batch, 'order ' || a.work_order_id), a.start_profile, a.virtual) AS stratum
    FROM attempt a JOIN unit u ON u.id = a.unit_id WHERE ${COUNTED} AND a.host_id IN (${hosts})),
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
cells AS (
  SELECT host_id, jsonb_agg(jsonb_build_object('behindHub', hub, 'profile', profile, 'units', units, 'incidents', incidents)) AS cells FROM (
    SELECT host_id, jsonb_array_length(hubs) > 0 AS hub, coalesce(start_profile, '') AS profile,
           count(DISTINCT unit_id) AS units, count(DISTINCT unit_id) FILTER (WHERE link_incident) AS incidents
      FROM counted GROUP BY 1, 2, 3) c GROUP BY host_id),
strata AS (
  SELECT host_id, jsonb_agg(jsonb_build_object('stratum', md5(stratum), 'behindHub', hub, 'units', units, 'incidents', incidents)) AS strata FROM (
    SELECT host_id, stratum, jsonb_array_length(hubs) > 0 AS hub,
           count(DISTINCT unit_id) AS units, count(DISTINCT unit_id) FILTER (WHERE link_incident) AS incidents
      FROM counted GROUP BY 1, 2, 3) s GROUP BY host_id),
failed AS (
  SELECT host_id, count(*)::int AS failed, count(*) FILTER (WHERE EXISTS (
           SELECT FROM attempt e WHERE e.unit_id = f.unit_id AND e.host_id <> f.host_id AND e.outcome = 'PASS' AND e.contradictions = '{}'
         ))::int AS passed_elsewhere
    FROM (SELECT host_id, unit_id FROM counted GROUP BY 1, 2
          HAVING bool_or(outcome = 'FAIL') AND NOT bool_or(outcome = 'PASS')) f GROUP BY host_id),
content AS (
  SELECT h.id, jsonb_build_object('cells', coalesce(c.cells, '[]'), 'strata', coalesce(t.strata, '[]'), 'units', coalesce(f.units, 0), 'incidents', coalesce(f.incidents, 0),
           'attempts', coalesce(f.attempts, 0), 'p95Ms', f.p95, 'behindHub', coalesce(f.behind_hub, 0),
           'profile', f.profile, 'hubs', coalesce(m.models, '[]'),
           'failed', coalesce(x.failed, 0), 'passedElsewhere', coalesce(x.passed_elsewhere, 0),
           'expected', (SELECT sum(l.n * l.c::float8 / l.m) / sum(l.n) FROM verdict_lesson l
                         WHERE l.level = 'controller' AND l.name = h.id::text AND l.at >= :from AND l.m > 0
                           AND l.population NOT LIKE '% taken-out')) AS counted
    FROM host h LEFT JOIN figures f ON f.host_id = h.id LEFT JOIN models m ON m.host_id = h.id
    LEFT JOIN cells c ON c.host_id = h.id LEFT JOIN strata t ON t.host_id = h.id LEFT JOIN failed x ON x.host_id = h.id
   WHERE h.id IN (${hosts}))`;

/** The host's row is locked only once all is counted: a start may want to note its fingerprint. */
const COUNT = statement(
  ["from", "host"],
  z.object({ id: z.string() }),
  `
WITH ${figuresSql("SELECT :host::uuid")}
UPDATE host h SET counted = c.counted FROM content c
 WHERE c.id = h.id AND h.counted IS DISTINCT FROM c.counted RETURNING h.id`,
);

/** A host that was not counted yet is counted now: it is new, and has few attempts. */
const HOSTS = statement(
  ["from"],
  StoredHost,
  `
WITH ${figuresSql("SELECT id FROM host WHERE counted IS NULL")},
shown AS (
  SELECT h.id, coalesce(h.counted, c.counted) AS counted FROM host h LEFT JOIN content c ON c.id = h.id)
SELECT h.id, hn.name, hn.station, h.machine, h.pci_address AS "pciAddress", h.controller, h.driver,
       h.virtual, CASE WHEN q.id IS NULL THEN h.verdict ELSE 'QUARANTINED' END AS verdict, h.evidence,
       coalesce(q.set_at, h.verdict_since) AS since, h.statistics AS figures,
       -- Thousands of strata of each host are for the sums alone.
       s.counted - 'strata' - 'cells' AS counted,
       CASE WHEN q.id IS NOT NULL THEN json_build_object('id', q.id, 'kind', q.kind, 'name', q.name, 'reason', q.reason,
         'origin', q.origin, 'setBy', q.set_by, 'setAt', q.set_at, 'liftedBy', NULL, 'liftedAt', NULL, 'liftReason', NULL) END AS hold
  FROM host h JOIN shown s ON s.id = h.id ${HOST_NAME}
  LEFT JOIN hold q ON q.target_id = h.id AND q.lifted_at IS NULL
 ORDER BY hn.name, h.id`,
);

/** Of all hosts with the same controller. A unit that was at several of them counts at each. */
const SUM_CELLS = `
WITH cells AS (
  SELECT h.controller, h.driver, c."behindHub", c.profile, sum(c.units)::int AS units, sum(c.incidents)::int AS incidents
    FROM host h, jsonb_to_recordset(coalesce(h.counted -> 'cells', '[]')) AS c("behindHub" boolean, profile text, units int, incidents int)
   GROUP BY 1, 2, 3, 4)
INSERT INTO summary (name, content, at)
SELECT 'hosts', coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.controller, c.driver, c."behindHub", c.profile), '[]'), now() FROM cells c
ON CONFLICT (name) DO UPDATE SET content = excluded.content, at = excluded.at`;

/** Of all hosts with the same controller: strata in which some units went through a hub and some did not. */
const HUB_STRATA = statement(
  [],
  HubStratum,
  `
WITH strata AS (
  SELECT h.controller, s.stratum, coalesce(sum(s.units) FILTER (WHERE s."behindHub"), 0)::int AS units,
         coalesce(sum(s.incidents) FILTER (WHERE s."behindHub"), 0)::int AS incidents,
         coalesce(sum(s.units) FILTER (WHERE NOT s."behindHub"), 0)::int AS "unitsWithout",
         coalesce(sum(s.incidents) FILTER (WHERE NOT s."behindHub"), 0)::int AS "incidentsWithout"
    FROM host h, jsonb_to_recordset(coalesce(h.counted -> 'strata', '[]')) AS s(stratum text, "behindHub" boolean, units int, incidents int)
   GROUP BY 1, 2)
SELECT controller, units, incidents, "unitsWithout", "incidentsWithout" FROM strata WHERE units > 0 AND "unitsWithout" > 0
 ORDER BY controller, stratum`,
);
const KEEP_EFFECTS = statement(
  ["effects"],
  z.object({}),
  `
INSERT INTO summary (name, content, at) VALUES ('hub effects', :effects::jsonb, now())
ON CONFLICT (name) DO UPDATE SET content = excluded.content, at = excluded.at`,
);
const EFFECTS = statement(
  [],
  z.object({ effects: z.custom<readonly HubEffectOf[]>() }),
  "SELECT content AS effects FROM summary WHERE name = 'hub effects'",
);

const CELLS = statement(
  [],
  z.object({ at: z.date(), cells: z.array(Cell) }),
  "SELECT at, content AS cells FROM summary WHERE name = 'hosts'",
);
const NEWEST = statement(
  [],
  z.object({ at: z.date().nullable() }),
  "SELECT max(received_at) AS at FROM attempt",
);
const TAKE_TURN = statement(
  ["lock"],
  z.object({ got: z.boolean() }),
  "SELECT pg_try_advisory_xact_lock(:lock) AS got",
);

/** Any number that nothing else locks. */
const COUNT_LOCK = 4_706_421;
const ALIVE_MS = 3_000;

export function hostsRepository(db: Database): HostsRepository {
  const { sql } = db;
  return {
    async count(from) {
      for (const { id: host } of await sql.rows(ALL, {})) await sql.rows(COUNT, { from, host });
      await sql.execute(SUM_CELLS);
      const effects = hubEffects(await sql.rows(HUB_STRATA, {}));
      await sql.rows(KEEP_EFFECTS, { effects: jsonText(effects) });
    },
    hosts: (from) => sql.rows(HOSTS, { from }),
    async cells() {
      return (await sql.row(CELLS, {})) ?? null;
    },
    hubEffects: async () => (await sql.row(EFFECTS, {}))?.effects ?? [],
    alone: (work) =>
      db.transaction(async (tx) => {
        if ((await tx.row(TAKE_TURN, { lock: COUNT_LOCK }))?.got !== true) return false;
        // A transaction that says nothing for ten seconds is ended, and its lock with it.
        const alive = setInterval(
          () => void tx.execute("SELECT 1").catch(() => undefined),
          ALIVE_MS,
        );
        try {
          await work();
        } finally {
          clearInterval(alive);
        }
        return true;
      }),
    newest: async () => (await sql.row(NEWEST, {}))?.at ?? null,
  };
}
