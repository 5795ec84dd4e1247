import type { TrialProfile, TrialState } from "@flashline/contract";
import { TRIAL_PROFILES, TRIAL_STATES } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** SQL, of a row `h` of `host`: units may be tried with gentler pacing there. It is in doubt for lost links, and no port alone explains them. */
export const TRIES_SQL = `coalesce(h.profile IS NULL AND h.verdict IN ('WATCH', 'SUSPECT')
  AND h.statistics #>> '{blame,level}' IS DISTINCT FROM 'port' AND h.statistics #>> '{sentence,key}' = 'odd', false)`;

const PlaceOf = z.object({
  releaseId: z.string(),
  plantId: z.string(),
  virtual: z.boolean(),
  controller: z.string(),
  hub: z.string(),
  chip: z.string(),
});
/** What kind of host an attempt was started at, and with which release. */
export type PlaceOf = z.output<typeof PlaceOf>;

/** The hub nearest to the unit, by its ids. A release that asks for another profile than `standard` is not tried. */
const FACTS = statement(
  ["attemptId"],
  PlaceOf,
  `
SELECT a.release_id AS "releaseId", l.plant_id AS "plantId", a.virtual, coalesce(nullif(h.controller, ''), h.driver) AS controller,
       coalesce(a.hubs -> -1 ->> 'vendorProduct', '') AS hub, r.chip
  FROM attempt a JOIN host h ON h.id = a.host_id JOIN station s ON s.id = a.station_id JOIN line l ON l.id = s.line_id
  JOIN release r ON r.id = a.release_id
 WHERE a.id = :attemptId::uuid AND r.recipe ->> 'profile' = 'standard' AND ${TRIES_SQL}`,
);

/** Takes the trial's row, so that two attempts never get the same place. */
const PLACE = statement(
  ["plantId", "virtual", "controller", "hub", "family", "figures", "releaseId"],
  z.object({
    id: z.string(),
    state: z.enum(TRIAL_STATES),
    round: z.number(),
    isNew: z.boolean(),
    /** Null: nothing is tried any more. */
    place: z.number().nullable(),
  }),
  `
WITH trial AS (
  INSERT INTO pacing_trial (plant_id, virtual, controller, hub, family, figures)
  VALUES (:plantId::uuid, :virtual::boolean, :controller, :hub, :family, :figures::jsonb)
  ON CONFLICT (plant_id, virtual, controller, hub, family) DO UPDATE SET round = pacing_trial.round
  RETURNING id, state, round, xmax = 0 AS is_new),
placed AS (
  INSERT INTO pacing_place (trial_id, round, state, release_id, next)
  SELECT id, round, state, :releaseId::uuid, 1 FROM trial WHERE state <> 'standard'
  ON CONFLICT (trial_id, round, state, release_id) DO UPDATE SET next = pacing_place.next + 1
  RETURNING next - 1 AS place)
SELECT t.id, t.state, t.round, t.is_new AS "isNew", (SELECT place FROM placed) AS place FROM trial t`,
);

const ADD_TURN = statement(
  ["attemptId", "trialId", "round", "state", "releaseId", "place", "profile"],
  z.object({}),
  `
INSERT INTO pacing_turn (attempt_id, trial_id, round, state, release_id, place, profile)
VALUES (:attemptId::uuid, :trialId::uuid, :round::int, :state, :releaseId::uuid, :place::int, :profile)`,
);

const Profile = z.object({ profile: z.enum(TRIAL_PROFILES).nullable() });
const GIVEN = statement(
  ["attemptId"],
  Profile,
  `
SELECT coalesce(t.profile, h.profile) AS profile
  FROM attempt a JOIN host h ON h.id = a.host_id LEFT JOIN pacing_turn t ON t.attempt_id = a.id
 WHERE a.id = :attemptId::uuid`,
);

/** Undefined: nothing is tried with this attempt. */
export const placeOf = (sql: Sql, attemptId: string): Promise<PlaceOf | undefined> =>
  sql.row(FACTS, { attemptId });

/** A place in the trial of this kind of host, which begins with it where there was none. */
export const nextPlace = (
  sql: Sql,
  kind: Omit<PlaceOf, "chip"> & { family: string; figures: string },
) => sql.row(PLACE, kind);

/** Which attempt takes a place. */
export interface Turn {
  readonly attemptId: string;
  readonly trialId: string;
  readonly round: number;
  readonly state: TrialState;
  readonly releaseId: string;
  readonly place: number;
  readonly profile: TrialProfile;
}

export async function addTurn(sql: Sql, turn: Turn): Promise<void> {
  await sql.rows(ADD_TURN, { ...turn });
}

/** The profile that an attempt was given when it was started, or that its host starts with. Null: its release says. */
export const givenProfile = async (sql: Sql, attemptId: string): Promise<TrialProfile | null> =>
  (await sql.row(GIVEN, { attemptId }))?.profile ?? null;
