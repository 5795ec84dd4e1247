import {
  type HostVerdicts,
  RUNGS,
  type StepEvidence,
  type VerdictEntry,
} from "@flashline/contract";
import { LIMITS } from "@flashline/verdict";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { secondOpinion } from "../verdict/index.ts";
import { seriesOf } from "./evidence.repository.ts";
import { KEPT_LESSONS } from "./state.repository.ts";

/** Entries of a history at most. */
const MOST = 200;
const DAY_MS = 86_400_000;
/** What a second opinion is about, days. */
const OPINION_DAYS = 14;

/** The population that shows, as in `publish`: real units before virtual ones, and where it was last. */
const HOST = statement(
  ["host"],
  z.object({ machine: z.string(), model: z.string(), population: z.string().nullable() }),
  `
SELECT h.machine, coalesce(nullif(h.controller, ''), h.driver) AS model,
       (SELECT s.population FROM verdict_state s WHERE s.kind = 'host' AND s.name = h.id::text AND s.population NOT LIKE '% taken-out'
         ORDER BY s.population LIKE '% virtual',
               EXISTS (SELECT FROM verdict_state n WHERE n.kind = 'node controller' AND (n.name, n.population) = (s.name, s.population)) DESC,
               (s.state ->> 'at')::bigint DESC, s.population LIMIT 1) AS population
  FROM host h WHERE h.id = :host::uuid`,
);

const Rung = z.enum(RUNGS);
const STEPS = statement(
  ["host", "machine", "model", "population", "most"],
  z.object({
    id: z.string(),
    level: z.string(),
    name: z.string(),
    from: Rung,
    to: Rung,
    at: z.date(),
    evidence: z.custom<StepEvidence>(),
  }),
  `
SELECT id, level, name, from_rung AS "from", to_rung AS "to", at, evidence FROM verdict_step
 WHERE (level, name) IN (('controller', :host::text), ('pc', :machine::text), ('model', :model::text)) AND population IN (:population, :population || ' taken-out')
 ORDER BY at DESC, id DESC LIMIT :most`,
);

const DEED_KINDS =
  "'host.repaired', 'host.quarantined', 'host.cleared', 'host.flagged', 'host.paced'";
const DEEDS = statement(
  ["host", "most"],
  z.object({
    id: z.string(),
    at: z.date(),
    kind: z.string(),
    by: z.string(),
    reason: z.string().nullable(),
    what: z.string().nullable(),
    raised: z.boolean().nullable(),
  }),
  `
WITH deeds AS (
  SELECT id, at, kind, who_kind, who_id, who_name, reason, data FROM ledger_open
   WHERE subject_kind = 'host' AND subject_id = :host::text AND kind IN (${DEED_KINDS})
  UNION ALL
  (SELECT id, at, kind, who_kind, who_id, who_name, reason, data FROM ledger
    WHERE subject_kind = 'host' AND subject_id = :host::text AND kind IN (${DEED_KINDS})
    ORDER BY position DESC LIMIT :most))
SELECT d.id, d.at, d.kind, concat_ws(' ', d.who_kind, coalesce(d.who_name, w.name)) AS by, d.reason, coalesce(d.data ->> 'what', d.data ->> 'profile') AS what,
       (d.data ->> 'raised')::boolean AS raised
  FROM deeds d LEFT JOIN ledger_name w ON d.who_kind = 'person' AND w.id = d.who_id
 ORDER BY d.at DESC, d.id DESC LIMIT :most`,
);

function whatOf({ kind, raised }: z.output<typeof DEEDS.row>): string {
  if (kind === "host.flagged") return raised === true ? "flagged" : "unflagged";
  return kind.slice("host.".length);
}

/** A host's running evidence and its history; undefined where there is no such host. */
export async function verdictsOf(
  { sql }: Database,
  host: string,
  now: Date,
): Promise<HostVerdicts | undefined> {
  const found = await sql.row(HOST, { host });
  if (found === undefined) return undefined;
  const { machine, model, population } = found;
  const group = { level: "controller", name: host, population: population ?? "" };
  const series = await seriesOf(sql, group, undefined, KEPT_LESSONS);
  const steps = await sql.rows(STEPS, { host, machine, model, population, most: MOST });
  const deeds = await sql.rows(DEEDS, { host, most: MOST });
  const history: VerdictEntry[] = [
    ...steps.map(({ at, ...step }) => ({
      ...step,
      at: at.toISOString(),
      what: "step",
      by: "system server",
      reason: null,
    })),
    ...deeds.map((deed) => ({
      id: deed.id,
      at: deed.at.toISOString(),
      what: whatOf(deed),
      level: "controller",
      name: deed.what ?? host,
      from: null,
      to: null,
      by: deed.by,
      reason: deed.reason,
      evidence: null,
    })),
  ];
  const from = new Date(now.getTime() - OPINION_DAYS * DAY_MS).toISOString();
  return {
    limits: LIMITS,
    series: [...series],
    secondOpinion: await secondOpinion(series.filter(({ at }) => at >= from)),
    history: history.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST),
  };
}
