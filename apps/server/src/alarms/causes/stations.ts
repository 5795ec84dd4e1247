import { z } from "zod";
import { heldSql } from "../../db/held.ts";
import {
  causeStatement,
  FOUND,
  type Found,
  type Source,
  scopesValue,
  sqlSource,
} from "./source.ts";

const ENROLLED = `rule r JOIN line l ON l.plant_id = r.scope
  JOIN station s ON s.line_id = l.id AND s.credential_hash IS NOT NULL`;
const STATION = `r.scope, 'station' AS "subjectKind", s.id AS "subjectId", s.name AS "subjectName", s.id AS "stationId"`;
/** A time as a person reads it, by the plant's clock. */
const clock = (at: string): string =>
  `to_char(${at} AT TIME ZONE p.time_zone, 'YYYY-MM-DD HH24:MI')`;

const Shifts = z.array(z.object({ start: z.string(), end: z.string() }));
const SILENT = causeStatement(
  "station.silent",
  z.object({
    ...FOUND,
    since: z.string(),
    silentS: z.number(),
    afterS: z.number(),
    shifts: Shifts,
    /** The plant's clock, seconds since midnight. */
    clockS: z.number(),
  }),
  `
SELECT ${STATION}, ${clock("s.last_seen_at")} AS since, p.shifts, r."afterS",
       extract(epoch FROM now() - s.last_seen_at)::float8 AS "silentS",
       extract(epoch FROM (now() AT TIME ZONE p.time_zone)::time)::float8 AS "clockS"
  FROM ${ENROLLED} JOIN plant p ON p.id = r.scope
 WHERE s.last_seen_at < now() - make_interval(secs => r."afterS")
   AND NOT EXISTS (SELECT ${heldSql(["s.id", "s.line_id"])})
   AND EXISTS (SELECT FROM station_order so JOIN work_order w ON w.id = so.work_order_id AND w.state = 'open' AND w.used < w.quantity
                WHERE so.station_id = s.id)`,
);

const DAY_S = 86_400;
const secondsOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 3_600 + minutes * 60;
};

/**
 * For how many seconds a shift has run at `clockS` seconds after the plant's midnight, of several the longest; null between shifts. A plant
 * without shifts works around the clock.
 */
export function shiftRunsS(shifts: z.infer<typeof Shifts>, clockS: number): number | null {
  if (shifts.length === 0) return Number.POSITIVE_INFINITY;
  const running = shifts.flatMap(({ start, end }) => {
    const from = secondsOf(start);
    // A shift from 00:00 to 00:00 is a whole day.
    const lengthS = (secondsOf(end) - from + DAY_S) % DAY_S || DAY_S;
    const sinceS = (clockS - from + DAY_S) % DAY_S;
    return sinceS < lengthS ? [sinceS] : [];
  });
  return running.length === 0 ? null : Math.max(...running);
}

/** A PC that is switched on with the shift is not silent: it has the same time from the shift's begin. */
export const silentStations: Source = {
  rule: "station.silent",
  changesWith: "time",
  async find(sql, scopes) {
    const rows = await sql.rows(SILENT, scopesValue(scopes));
    return rows.flatMap(({ since, silentS, afterS, shifts, clockS, ...of }): Found[] => {
      const runsS = shiftRunsS(shifts, clockS);
      if (runsS === null || Math.min(runsS, silentS) < afterS) return [];
      return [{ ...of, rule: "station.silent", parameters: { since }, raises: true }];
    });
  },
};

/**
 * A station that is not heard of is told by another rule. At a busy one some always wait: while results come in from it, nothing keeps
 * it from sending.
 */
export const waitingResults = sqlSource(
  "results.waiting",
  "time",
  `
SELECT ${STATION},
       jsonb_build_object('results', s.queued_results, 'since', ${clock("s.queued_since")}) AS parameters,
       greatest(s.queued_since, a.received_at) < now() - make_interval(secs => r."afterS") AS raises
  FROM ${ENROLLED} JOIN plant p ON p.id = r.scope
  LEFT JOIN LATERAL (
   SELECT a.received_at FROM attempt a WHERE a.station_id = s.id AND a.received_at IS NOT NULL
    ORDER BY a.received_at DESC, a.id DESC LIMIT 1) a ON true
 WHERE s.queued_results >= r.results`,
);

/** A station that is heard of gives its grant back by itself. Whether one that is not will come back, a person knows: also where it was revoked. */
export const keptGrants = sqlSource(
  "grant.kept",
  "time",
  `
SELECT r.scope, 'grant' AS "subjectKind", g.id AS "subjectId", s.name || ' ' || w.number AS "subjectName", s.id AS "stationId",
       jsonb_build_object('places', g.units - g.used, 'until', ${clock("g.until")}) AS parameters, true AS raises
  FROM offline_grant g JOIN station s ON s.id = g.station_id JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
  JOIN rule r ON r.scope = p.id JOIN work_order w ON w.id = g.work_order_id AND w.state = 'open'
 WHERE g.ended_at IS NULL AND g.used < g.units AND g.until < now() - make_interval(mins => r.minutes::int)`,
);

/** Who reports from a PC that is not the enrolled one is noted with its sign of life. */
export const stationsElsewhere = sqlSource(
  "station.elsewhere",
  "time",
  `
SELECT ${STATION}, '{}'::jsonb AS parameters, true AS raises
  FROM ${ENROLLED}
 WHERE s.elsewhere_at > now() - make_interval(mins => r.minutes::int)`,
);

/** `skew_ms` is the server's clock less the station's, at the moment of the report. */
export const skewedClocks = sqlSource(
  "clock.skew",
  "work",
  `
SELECT ${STATION}, jsonb_build_object('seconds', round(abs(a.skew_ms) / 1000)::int,
         'direction', CASE WHEN a.skew_ms > 0 THEN 'slow' ELSE 'fast' END) AS parameters,
       abs(a.skew_ms) > r.seconds * 1000 AS raises
  FROM ${ENROLLED}
 CROSS JOIN LATERAL (
   SELECT a.skew_ms FROM attempt a WHERE a.station_id = s.id AND a.received_at > now() - interval '1 day' AND a.skew_ms IS NOT NULL
    ORDER BY a.received_at DESC, a.id DESC LIMIT 1) a
 WHERE abs(a.skew_ms) > r.seconds * 500`,
);

/** Told by the events of their results, sealed or not. */
export const contradictions = sqlSource(
  "result.contradicted",
  "work",
  `,
told AS (
  SELECT at, data, subject_name FROM ledger_open WHERE kind = 'result.contradicted'
  UNION ALL SELECT at, data, subject_name FROM ledger WHERE kind = 'result.contradicted'
     AND position > (SELECT coalesce(max(position), 0) - 200000 FROM ledger))
SELECT ${STATION}, jsonb_build_object('results', t.results, 'serial', t.serial) AS parameters, true AS raises
  FROM ${ENROLLED}
  JOIN LATERAL (
   SELECT count(*)::int AS results, (array_agg(subject_name ORDER BY at DESC))[1] AS serial FROM told
    WHERE data ->> 'station' = s.name AND at > now() - make_interval(hours => r.hours::int)) t ON t.results > 0`,
);
