import { ReleaseState } from "@flashline/contract";

/** States of a release with which a unit may start: a canary's jobs are those that got one of its places. */
export const STARTABLE_STATES: readonly string[] = [ReleaseState.Released, ReleaseState.Canary];
/** For `state IN (…)`: {@link STARTABLE_STATES}. */
export const STARTABLE_SQL = STARTABLE_STATES.map((state) => `'${state}'`).join(", ");

/** SQL: release `r` may be started without an exception. */
export const startableSql = (r: string): string =>
  `${r}.state IN (${STARTABLE_SQL}) AND (${r}.expires_at IS NULL OR ${r}.expires_at > now())`;

/** SQL: one of these keys was revoked. Then nothing that it signed counts any more. */
const revokedKeySql = (keyIds: string): string =>
  `EXISTS (SELECT FROM signing_key k WHERE k.key_id IN (${keyIds}) AND k.revoked_at IS NOT NULL)`;

/** SQL: exception `e` holds now, but for the units that it is for. */
const holdsSql = (e: string): string =>
  `${e}.withdrawn_at IS NULL AND ${e}.valid_from <= now() AND ${e}.valid_until > now() AND NOT ${revokedKeySql(`${e}.key_id`)}`;

/**
 * SQL: exception `e` lifts every refusal that stands in the way of release `r`. A draft must have passed its check; what is revoked, a canary or
 * paused, and what a revoked key signed, no exception helps.
 */
const coversSql = (e: string, r: string): string =>
  `${e}.manifest_sha256 = ${r}.manifest_sha256 AND NOT ${revokedKeySql(`${r}.key_id`)}
     AND (${r}.state = 'released' OR ${r}.state = 'draft' AND ${r}."check" = 'passed' AND 'release.not_released' = ANY(${e}.lifts))
     AND (${r}.expires_at IS NULL OR ${r}.expires_at > now() OR 'release.expired' = ANY(${e}.lifts))
     AND (NOT ${r}.counter_excepted OR 'release.counter_used' = ANY(${e}.lifts))`;

/** SQL: exception `e` has a place for the unit with this id (null: a new one), or gave it one. */
const roomSql = (e: string, unitId: string): string =>
  `(${e}.used < ${e}.units OR EXISTS (SELECT FROM exception_unit xu WHERE xu.exception_id = ${e}.id AND xu.unit_id = ${unitId}))`;

/** SQL names of rows and expressions of a scan: a release, a station, and a unit's id and serial. */
export interface ExceptedScan {
  readonly release: string;
  readonly station: string;
  readonly unitId: string;
  readonly serial: string;
}

/**
 * SQL of at most one row with the `id` of the exception under which the unit may be flashed with a release that is refused otherwise. None where the
 * release needs none. One under which the unit was flashed before comes first, then the one that ends first.
 */
export const exceptionSql = ({ release: r, station, unitId, serial }: ExceptedScan): string => `(
    SELECT e.id FROM release_exception e
     WHERE NOT (${startableSql(r)}) AND ${coversSql("e", r)} AND ${holdsSql("e")}
       AND (cardinality(e.serials) = 0 OR ${serial} = ANY(e.serials)) AND ${roomSql("e", unitId)}
       AND (cardinality(e.stations) = 0 OR ${station}.name = ANY(e.stations))
       AND (e.plant IS NULL OR e.plant = (SELECT ep.name FROM line el JOIN plant ep ON ep.id = el.plant_id WHERE el.id = ${station}.line_id))
     ORDER BY EXISTS (SELECT FROM exception_unit xu WHERE xu.exception_id = e.id AND xu.unit_id = ${unitId}) DESC, e.valid_until, e.id
     LIMIT 1)`;

/** SQL: the exception under which job `j` was made holds now and helps release `r`. Which unit and station it is for was looked at then. */
export const liftedSql = (j: string, r: string): string =>
  `EXISTS (SELECT FROM release_exception e WHERE e.id = ${j}.exception_id AND ${coversSql("e", r)} AND ${holdsSql("e")} AND ${roomSql("e", `${j}.unit_id`)})`;

/** SQL: an order may name release `r` because of an exception that holds now. Which units it is for is looked at with each of them. */
export const orderableSql = (r: string): string =>
  `EXISTS (SELECT FROM release_exception e WHERE ${coversSql("e", r)} AND ${holdsSql("e")})`;

/** SQL: what stands in the way of exception `e`, one of the contract's `EXCEPTION_STATES`; for the unit with this id, where one is given. */
export const exceptionStateSql = (e: string, unitId = "NULL::uuid"): string =>
  `CASE WHEN ${e}.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN ${revokedKeySql(`${e}.key_id`)} THEN 'key-revoked'
        WHEN ${e}.valid_from > now() THEN 'early' WHEN ${e}.valid_until <= now() THEN 'over'
        WHEN NOT ${roomSql(e, unitId)} THEN 'used-up' ELSE 'good' END`;

/** SQL: what stands in the way of the exception under which job `j` was made; null where it was made under none. */
export const jobExceptionSql = (j: string): string =>
  `(SELECT ${exceptionStateSql("e", `${j}.unit_id`)} FROM release_exception e WHERE e.id = ${j}.exception_id)`;

/** SQL: the exception under which job `j` was made was withdrawn, or its key was revoked. */
export const endedExceptionSql = (j: string): string =>
  `EXISTS (SELECT FROM release_exception e WHERE e.id = ${j}.exception_id AND (e.withdrawn_at IS NOT NULL OR ${revokedKeySql("e.key_id")}))`;

/**
 * SQL: job `j` flashed a service build: under an exception, with a release that was not out. A PASS of it passes no process step until the release
 * is out, so the unit gets what it is to be sold with.
 */
export const serviceSql = (j: string): string =>
  `(${j}.exception_id IS NOT NULL AND (SELECT sr.released_at FROM release sr WHERE sr.id = ${j}.release_id) IS NULL)`;
