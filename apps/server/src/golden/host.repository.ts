import { FlashlineError, type GoldenFigures, type HostGolden } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { NEST_IN_USE } from "../db/held.ts";
import { statement } from "../db/statement.ts";
import { proportion } from "../verdict/proportion.ts";
import { CHECK_COLUMNS, CHECK_FROM, CheckRow, checkViewOf } from "./check-view.ts";
import { RUNS, RunRow, runViewOf } from "./runs.repository.ts";

const count = z.number();
const HOST = statement(
  ["id"],
  z.object({
    key: z.string(),
    counted: z.object({ units: count, incidents: count }).nullable().catch(null),
    nests: z.array(z.object({ station: z.string(), nest: z.string() })),
    units: z.array(z.string()),
  }),
  `
SELECT h.key, h.counted,
       (SELECT coalesce(json_agg(json_build_object('station', s.name, 'nest', n.name) ORDER BY s.name, n.name), '[]')
          FROM nest n JOIN station s ON s.id = n.station_id WHERE n.host_id = h.id AND ${NEST_IN_USE}) AS nests,
       ARRAY(SELECT g.serial FROM golden_unit g WHERE g.retired_at IS NULL AND g.plant_id IN (
          SELECT l.plant_id FROM nest n JOIN station s ON s.id = n.station_id JOIN line l ON l.id = s.line_id WHERE n.host_id = h.id)
          ORDER BY g.serial) AS units
  FROM host h WHERE h.id = :id::uuid`,
);
const Sum = z.object({ made: count, failed: count, incidents: count });
const SUM = `count(*)::int AS made, count(*) FILTER (WHERE c.state = 'failed')::int AS failed,
       count(*) FILTER (WHERE c.link_incident)::int AS incidents`;
const SINGLE = statement(
  ["key"],
  Sum,
  `SELECT ${SUM} FROM golden_check c WHERE c.host_key = :key AND c.run_id IS NULL AND c.state IN ('passed', 'failed')`,
);
const ELSEWHERE = statement(
  ["key"],
  Sum,
  `
SELECT ${SUM} FROM golden_check c
 WHERE c.host_key <> :key AND c.state IN ('passed', 'failed')
   AND c.golden_id IN (SELECT own.golden_id FROM golden_check own WHERE own.host_key = :key)`,
);
const OWN_RUNS = statement(
  ["id", "key"],
  RunRow,
  `${RUNS} WHERE run.host_id = :id::uuid OR run.id IN (SELECT c.run_id FROM golden_check c WHERE c.host_key = :key)
 ORDER BY run.planned_at DESC, run.id DESC LIMIT 20`,
);
const LATEST = statement(
  ["key"],
  CheckRow,
  `SELECT ${CHECK_COLUMNS} FROM ${CHECK_FROM} WHERE c.host_key = :key ORDER BY c.opened_at DESC, c.id DESC LIMIT 20`,
);

const figuresOf = ({ made, failed, incidents }: z.infer<typeof Sum>): GoldenFigures => ({
  failed: proportion(failed, made),
  incidents: proportion(incidents, made),
});
const NONE = { made: 0, failed: 0, incidents: 0 };

/** Rejects with `request.not_found`. */
export async function hostGolden({ sql }: Database, id: string): Promise<HostGolden> {
  const host = await sql.row(HOST, { id });
  if (host === undefined) throw new FlashlineError("request.not_found", "There is no such host.");
  const { key, counted, nests, units } = host;
  const [runs, single, elsewhere, latest] = await Promise.all([
    sql.rows(OWN_RUNS, { id, key }),
    sql.row(SINGLE, { key }),
    sql.row(ELSEWHERE, { key }),
    sql.rows(LATEST, { key }),
  ]);
  return {
    runs: runs.map(runViewOf),
    single: figuresOf(single ?? NONE),
    elsewhere: figuresOf(elsewhere ?? NONE),
    production: counted === null ? null : proportion(counted.incidents, counted.units),
    latest: latest.map(checkViewOf),
    nests,
    units,
  };
}
