import { HoldEffect } from "@flashline/contract";
import type { z } from "zod";
import { heldSql, NEST_IN_USE } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { FoundTarget } from "./targets.ts";

const Effect = HoldEffect.omit({ kind: true, name: true, hold: true });
/** What a hold on a target stops, lets finish and calls off. */
export type Effect = z.infer<typeof Effect>;

const JOBS = `SELECT json_agg(json_build_object('station', j.station, 'nest', j.nest, 'serial', j.serial)
                ORDER BY j.station, j.nest) FROM jobs j WHERE`;

/** A place that another hold stops anyway is left out: this one changes nothing there. */
const EFFECT = statement(
  ["targetId", "batch"],
  Effect,
  `
WITH places AS (
  SELECT n.name AS nest, s.id AS station_id, s.name AS station,
         coalesce(:targetId::uuid IN (n.id, s.id, s.line_id, n.host_id), false) AS stops
    FROM nest n JOIN station s ON s.id = n.station_id
   WHERE ${NEST_IN_USE} AND s.credential_hash IS NOT NULL
     AND NOT EXISTS (SELECT ${heldSql(["n.id", "s.id", "s.line_id", "n.host_id"])} AND hold.target_id <> :targetId::uuid)),
stations AS (
  SELECT p.station_id, p.station, bool_and(p.stops) AS stops, bool_or(p.stops) AS touched
    FROM places p GROUP BY 1, 2),
working AS (
  SELECT t.station, t.stops, t.touched, wo.id, wo.number, wo.quantity - wo.used AS lacks
    FROM stations t JOIN station s ON s.id = t.station_id
    JOIN station_order so ON so.station_id = s.id
    JOIN work_order wo ON wo.id = so.work_order_id AND wo.state = 'open'),
jobs AS (
  SELECT s.name AS station, n.name AS nest, u.serial, j.state
    FROM job j JOIN nest n ON n.id = j.nest_id JOIN station s ON s.id = j.station_id JOIN unit u ON u.id = j.unit_id
   WHERE j.state IN ('QUEUED', 'OFFERED', 'LEASED', 'RUNNING')
     AND (:targetId::uuid IN (n.id, s.id, s.line_id, n.host_id, u.id)
          OR u.product_id = :targetId::uuid AND u.batch = :batch))
SELECT coalesce((SELECT json_agg(json_build_object('station', p.station, 'nest', p.nest) ORDER BY p.station, p.nest)
                   FROM places p WHERE p.stops), '[]') AS nests,
       ARRAY(SELECT t.station FROM stations t WHERE t.stops ORDER BY 1) AS stations,
       ARRAY(SELECT DISTINCT w.station FROM working w WHERE NOT w.stops
              AND w.id IN (SELECT id FROM working WHERE touched) ORDER BY 1) AS remaining,
       coalesce((SELECT json_agg(json_build_object('number', o.number, 'left', greatest(o.lacks, 0)) ORDER BY o.number)
                   FROM (SELECT w.number, w.lacks FROM working w GROUP BY 1, 2
                          HAVING bool_and(w.stops) AND bool_or(w.touched)) o), '[]') AS orders,
       coalesce((${JOBS} j.state = 'RUNNING'), '[]') AS finishing,
       coalesce((${JOBS} j.state <> 'RUNNING'), '[]') AS "calledOff",
       (SELECT count(*)::int FROM unit u JOIN unit_state k ON k.unit_id = u.id
         WHERE (u.id = :targetId::uuid OR u.product_id = :targetId::uuid AND u.batch = :batch)
           AND k.state <> 'passed') AS units`,
);

const NOTHING: Effect = {
  nests: [],
  stations: [],
  remaining: [],
  orders: [],
  finishing: [],
  calledOff: [],
  units: 0,
};

/** What a hold on the target does now, or lifting it undoes. */
export async function effectOn(sql: Sql, { targetId, batch }: FoundTarget): Promise<Effect> {
  return (await sql.row(EFFECT, { targetId, batch })) ?? NOTHING;
}
