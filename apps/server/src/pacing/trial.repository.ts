import { TRIAL_PROFILES, TRIAL_STATES, TrialFigures, TrialView } from "@flashline/contract";
import { z } from "zod";
import { controllerName } from "../db/host-names.ts";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Trial = z.object({
  id: z.string(),
  plantId: z.string(),
  plant: z.string(),
  virtual: z.boolean(),
  controller: z.string(),
  hub: z.string(),
  family: z.string(),
  state: z.enum(TRIAL_STATES),
  round: z.number(),
  begunAt: z.date(),
  decidedAt: z.date().nullable(),
  figures: TrialFigures,
  since: TrialView.shape.since,
});
/** A trial as it is stored. */
export type Trial = z.output<typeof Trial>;

const TRIAL = `
SELECT t.id, t.plant_id AS "plantId", p.name AS plant, t.virtual, t.controller, t.hub, t.family, t.state, t.round, t.begun_at AS "begunAt",
       t.decided_at AS "decidedAt", t.figures, t.since
  FROM pacing_trial t JOIN plant p ON p.id = t.plant_id`;

const ALL = statement([], Trial, `${TRIAL} ORDER BY t.begun_at DESC, t.id`);
const OF_HOST = statement(
  ["host"],
  Trial,
  `${TRIAL}
 WHERE (t.controller, t.virtual) = (SELECT coalesce(nullif(h.controller, ''), h.driver), h.virtual FROM host h WHERE h.id = :host::uuid)
   AND EXISTS (SELECT FROM pacing_turn n JOIN attempt a ON a.id = n.attempt_id WHERE n.trial_id = t.id AND a.host_id = :host::uuid)
 ORDER BY t.begun_at DESC, t.id`,
);
const LOCKED = statement(["id"], Trial, `${TRIAL} WHERE t.id = :id::uuid FOR UPDATE OF t`);

/** How many of the attempts after `gentle` has won are looked at: the latest ones. */
const MOST_AFTER = 4_000;

const Shown = z.object({
  releaseId: z.string(),
  place: z.number(),
  profile: z.enum(TRIAL_PROFILES),
  incident: z.boolean(),
  failed: z.boolean(),
  seconds: z.number(),
});
/** What an attempt in a place of a trial showed. */
export type Shown = z.output<typeof Shown>;

/**
 * In the order in which the results came in. What an operator called off or took out says nothing, nor does a result that contradicts its job, nor
 * an attempt that did not start with the profile that it was given.
 */
const SHOWN = statement(
  ["trial", "round", "state", "most"],
  Shown,
  `
SELECT * FROM (
  SELECT n.release_id AS "releaseId", n.place, n.profile, a.link_incident AS incident, a.outcome = 'FAIL' AS failed,
         a.duration_ms / 1000.0::float8 AS seconds, a.received_at, a.id
    FROM pacing_turn n JOIN attempt a ON a.id = n.attempt_id
   WHERE n.trial_id = :trial::uuid AND n.round = :round::int AND n.state = :state
     AND a.outcome IS NOT NULL AND a.contradictions = '{}' AND a.start_profile = n.profile
     AND coalesce(a.code, '') NOT IN ('attempt.cancelled', 'attempt.unplugged', 'attempt.interrupted')
   ORDER BY a.received_at DESC, a.id DESC LIMIT :most::int) latest
 ORDER BY received_at, id`,
);

const KEEP = statement(
  ["id", "state", "figures", "since", "decided"],
  z.object({}),
  `
UPDATE pacing_trial SET state = :state, figures = :figures::jsonb, since = :since::jsonb,
       decided_at = CASE WHEN :decided::boolean THEN now() ELSE decided_at END
 WHERE id = :id::uuid`,
);
const RESTART = statement(
  ["id", "figures"],
  z.object({}),
  `
UPDATE pacing_trial SET state = 'running', round = round + 1, begun_at = now(), decided_at = NULL, figures = :figures::jsonb, since = NULL
 WHERE id = :id::uuid`,
);

export const allTrials = (sql: Sql): Promise<readonly Trial[]> => sql.rows(ALL, {});
/** Those that units of the host took part in, the latest first. */
export const trialsOf = (sql: Sql, host: string): Promise<readonly Trial[]> =>
  sql.rows(OF_HOST, { host });
/** Nobody else decides about it, or gives a place in it, until the end of the transaction. */
export const lockTrial = (sql: Sql, id: string): Promise<Trial | undefined> =>
  sql.row(LOCKED, { id });

export const shownIn = (sql: Sql, { id, round, state }: Trial): Promise<readonly Shown[]> =>
  sql.rows(SHOWN, { trial: id, round, state, most: MOST_AFTER });

export async function keepTrial(
  sql: Sql,
  { id, state, figures, since }: Pick<Trial, "id" | "state" | "figures" | "since">,
  decided: boolean,
): Promise<void> {
  const text = since === null ? null : jsonText(since);
  await sql.rows(KEEP, { id, state, figures: jsonText(figures), since: text, decided });
}

export async function restartTrial(sql: Sql, id: string, figures: TrialFigures): Promise<void> {
  await sql.rows(RESTART, { id, figures: jsonText(figures) });
}

/** A trial as everybody may see it. */
export const viewOf = ({ plantId: _, round: _round, ...trial }: Trial): TrialView => ({
  ...trial,
  controllerName: controllerName(trial.controller, trial.controller),
  begunAt: trial.begunAt.toISOString(),
  decidedAt: trial.decidedAt?.toISOString() ?? null,
});
