import {
  FlashlineError,
  GOLDEN_RUN_STATES,
  type GoldenRunEffect,
  type GoldenRunQuery,
  type GoldenRunRequest,
  type GoldenRunView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { NEST_IN_USE } from "../db/held.ts";
import { HOST_NAME } from "../db/host-names.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { proportion } from "../verdict/proportion.ts";
import { checksLeft } from "./left.ts";
import { endRun } from "./run-end.repository.ts";
import { goldenRow } from "./units.repository.ts";

const Place = z.object({
  nestId: z.string(),
  stationId: z.string(),
  plantId: z.string(),
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  turn: z.number(),
  waits: z.string().nullable(),
  /** Of the unit's latest checks, milliseconds. */
  ms: z.number().nullable(),
});
const PLACE = statement(
  ["station", "nest", "goldenId"],
  Place,
  `
SELECT n.id AS "nestId", s.id AS "stationId", l.plant_id AS "plantId", n.host_id AS "hostId",
       (SELECT hn.name FROM host h ${HOST_NAME} WHERE h.id = n.host_id) AS "hostName",
       (SELECT g.turn FROM golden_unit g WHERE g.id = :goldenId::uuid) AS turn,
       (SELECT run.id FROM golden_run run WHERE run.nest_id = n.id AND run.state = 'planned') AS waits,
       (SELECT avg(c.duration_ms) FROM (SELECT duration_ms FROM golden_check WHERE golden_id = :goldenId::uuid AND state = 'passed'
          ORDER BY opened_at DESC LIMIT 20) c) AS ms
  FROM nest n JOIN station s ON s.id = n.station_id JOIN line l ON l.id = s.line_id
 WHERE s.name = :station AND n.name = :nest AND ${NEST_IN_USE}`,
);
const INSERT = statement(
  ["id", "goldenId", "nestId", "times", "profile", "setting", "reason", "hostId", "by"],
  z.object({ id: z.string() }),
  `
INSERT INTO golden_run (id, golden_id, nest_id, times, profile, setting, reason, host_id, planned_by)
VALUES (:id::uuid, :goldenId::uuid, :nestId::uuid, :times::int, :profile, :setting, :reason, :hostId::uuid, :by)
ON CONFLICT (nest_id) WHERE state = 'planned' DO NOTHING RETURNING id`,
);

export const RunRow = z.object({
  id: z.string(),
  serial: z.string(),
  station: z.string(),
  stationId: z.string(),
  nest: z.string(),
  host: z.string().nullable(),
  times: z.number(),
  made: z.number(),
  failed: z.number(),
  incidents: z.number(),
  profile: z.string().nullable(),
  setting: z.string().nullable(),
  reason: z.string(),
  plannedBy: z.string(),
  plannedAt: z.date(),
  state: z.enum(GOLDEN_RUN_STATES),
  endedAt: z.date().nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});
/** SQL: runs with their names; `run` is the row's alias. */
export const RUNS = `
SELECT run.id, g.serial, s.name AS station, s.id AS "stationId", n.name AS nest, run.host_id AS host, run.times, run.made, run.failed, run.incidents,
       run.profile, run.setting, run.reason, run.planned_by AS "plannedBy", run.planned_at AS "plannedAt", run.state,
       run.ended_at AS "endedAt", run.ended_by AS "endedBy", run.end_reason AS "endReason"
  FROM golden_run run JOIN golden_unit g ON g.id = run.golden_id JOIN nest n ON n.id = run.nest_id JOIN station s ON s.id = n.station_id`;
const BY_ID = statement(["id"], RunRow, `${RUNS} WHERE run.id = :id::uuid`);

export const runViewOf = ({
  stationId: _,
  failed,
  incidents,
  plannedAt,
  endedAt,
  ...same
}: z.infer<typeof RunRow>): GoldenRunView => ({
  ...same,
  plannedAt: plannedAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
  figures: {
    failed: proportion(failed, same.made),
    incidents: proportion(incidents, same.made),
  },
});

type Asked = Pick<z.output<typeof GoldenRunRequest>, "serial" | "station" | "nest" | "times">;

async function look(sql: Sql, asked: Asked) {
  const golden = await goldenRow(sql, asked.serial);
  const { station, nest, times } = asked;
  const place = await sql.row(PLACE, { station, nest, goldenId: golden.id });
  if (place === undefined) {
    throw new FlashlineError("request.not_found", `There is no nest ${station}/${nest}.`, {
      parameters: { station, nest },
    });
  }
  if (place.plantId !== golden.plantId) throw new FlashlineError("golden.other_plant");
  if (golden.retiredAt !== null) throw new FlashlineError("golden.retired");
  const possible = checksLeft({ ...golden, turn: place.turn });
  const effect: GoldenRunEffect = {
    host: place.hostId,
    name: place.hostName,
    station,
    nest,
    times,
    serial: golden.serial,
    version: golden.version,
    possible,
    worn: golden.worn,
    cycles: golden.cycles,
    waits: place.waits,
    wornAfter: golden.worn + Math.ceil(times / golden.areas),
    seconds: place.ms === null ? null : (place.ms * times) / 1_000,
  };
  return { golden, place, effect };
}

/** What {@link planRun} would do. Rejects with `request.not_found` and `golden.*`. */
export const previewRun = async (
  { sql }: Database,
  asked: z.output<typeof GoldenRunQuery>,
): Promise<GoldenRunEffect> => (await look(sql, asked)).effect;

/** Rejects with `request.not_found`, `golden.*`, and `request.conflict` where a run waits at the nest. */
export const planRun = (
  { transaction }: Database,
  asked: z.output<typeof GoldenRunRequest>,
  by: Origin,
): Promise<{ readonly stationId: string; readonly run: GoldenRunView }> =>
  transaction(async (sql) => {
    const { golden, place, effect } = await look(sql, asked);
    const { times, reason, profile = null, setting = null, station, nest } = asked;
    if (effect.possible < times) {
      throw new FlashlineError(
        "golden.worn_out",
        `The cycles of ${golden.serial} allow ${effect.possible} more checks, not ${times}.`,
        { parameters: { serial: golden.serial, possible: effect.possible, times } },
      );
    }
    const id = newId();
    const { nestId, hostId, plantId, stationId } = place;
    const values = { id, goldenId: golden.id, nestId, hostId, times, profile, reason };
    const kept = setting === "" ? null : setting;
    if ((await sql.row(INSERT, { ...values, setting: kept, by: actorOf(by) })) === undefined) {
      throw new FlashlineError(
        "request.conflict",
        `A golden run waits at ${station}/${nest} already. Stop it first.`,
        { parameters: { station, nest } },
      );
    }
    await recordEvent(sql, {
      kind: "golden.run-planned",
      by,
      reason,
      plantId,
      subject: { id: nestId, name: `${station}/${nest}` },
      data: { run: id, serial: golden.serial, times, profile, setting: kept },
    });
    const row = await sql.row(BY_ID, { id });
    if (row === undefined) throw new FlashlineError("internal.bug");
    return { stationId, run: runViewOf(row) };
  });

/** The check that runs now comes to its end. The same again is no event. Rejects with `request.not_found`. */
export const stopRun = (
  { transaction }: Database,
  id: string,
  reason: string,
  by: Origin,
): Promise<{ readonly stationId: string; readonly run: GoldenRunView }> =>
  transaction(async (sql) => {
    await endRun(sql, id, "stopped", reason, by);
    const row = await sql.row(BY_ID, { id });
    if (row === undefined) {
      throw new FlashlineError("request.not_found", "There is no such golden run.");
    }
    return { stationId: row.stationId, run: runViewOf(row) };
  });
