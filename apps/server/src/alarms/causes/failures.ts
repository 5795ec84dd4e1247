import { z } from "zod";
import { heldSql, NEST_IN_USE } from "../../db/held.ts";
import { causeStatement, FOUND, type Found, type Source, scopesValue } from "./source.ts";

/** Attempts that are looked at of one place, the latest first. */
const MOST = 60;

/** SQL: the latest attempts of a place. What an operator called off, or what contradicts its job, says nothing about the place. */
const latestSql = (columns: string, place: string, most: number): string => `
  SELECT ${columns} FROM attempt a
   WHERE ${place} AND a.received_at > now() - interval '12 hours'
     AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'
   ORDER BY a.received_at DESC, a.id DESC LIMIT ${most}`;

/** SQL: what failed at a place since the last unit that passed there. Of a place whose last unit passed one attempt is read. */
const rowSql = (place: string): string => `
  SELECT count(DISTINCT b.unit_id)::int AS units, count(DISTINCT b.nest_id)::int AS nests, count(DISTINCT b.host_id)::int AS hosts
    FROM (SELECT a.*, bool_or(a.outcome = 'PASS') OVER (ORDER BY a.received_at DESC, a.id DESC) AS passed
            FROM (${latestSql("a.id, a.unit_id, a.nest_id, a.host_id, a.outcome, a.received_at", place, MOST)}) a
           WHERE (${latestSql("a.outcome", place, 1)}) <> 'PASS') b
   WHERE NOT b.passed`;

/** All three sizes in one statement: what holds of a larger place is not told of the smaller ones in it. */
const ROWS = causeStatement(
  "failures.row",
  z.object({ ...FOUND, hostId: z.string().nullable(), units: z.number() }),
  `,
place AS (
  SELECT r.scope, r.nest AS of_nest, r.host AS of_host, r.station AS of_station, s.id AS station_id, s.name AS station, s.line_id, n.id AS nest_id, n.name AS nest, n.host_id
    FROM rule r JOIN line l ON l.plant_id = r.scope JOIN station s ON s.line_id = l.id AND s.credential_hash IS NOT NULL
    JOIN nest n ON n.station_id = s.id AND ${NEST_IN_USE}
   WHERE NOT EXISTS (SELECT ${heldSql(["n.id", "s.id", "s.line_id", "n.host_id"])})),
stations AS (SELECT DISTINCT scope, station_id, station, of_station FROM place),
hosts AS (
  SELECT DISTINCT ON (p.host_id) p.scope, p.station_id, p.station, p.host_id, p.of_host FROM place p
   WHERE p.host_id IS NOT NULL ORDER BY p.host_id, p.station)
SELECT s.scope, 'station' AS "subjectKind", s.station_id AS "subjectId", s.station AS "subjectName", s.station_id AS "stationId",
       NULL::uuid AS "hostId", w.units
  FROM stations s CROSS JOIN LATERAL (${rowSql("a.station_id = s.station_id")}) w
 WHERE w.units >= s.of_station AND w.hosts > 1
UNION ALL
SELECT h.scope, 'host', h.host_id, h.station || ' ' || o.pci_address, h.station_id, h.host_id, w.units
  FROM hosts h JOIN host o ON o.id = h.host_id CROSS JOIN LATERAL (${rowSql("a.host_id = h.host_id")}) w
 WHERE w.units >= h.of_host AND w.nests > 1
UNION ALL
SELECT p.scope, 'nest', p.nest_id, p.station || '/' || p.nest, p.station_id, p.host_id, w.units
  FROM place p CROSS JOIN LATERAL (${rowSql("a.nest_id = p.nest_id")}) w
 WHERE w.units >= p.of_nest`,
);

/** k units in a row. */
export const failures: Source = {
  rule: "failures.row",
  changesWith: "work",
  async find(sql, scopes) {
    const rows = await sql.rows(ROWS, scopesValue(scopes));
    const stations = new Set(
      rows.filter((row) => row.subjectKind === "station").map((row) => row.stationId),
    );
    const hosts = new Set(
      rows.filter((row) => row.subjectKind === "host").map((row) => row.hostId),
    );
    return rows.flatMap(({ hostId, units, ...of }): Found[] => {
      const isCovered =
        (of.subjectKind !== "station" && stations.has(of.stationId)) ||
        (of.subjectKind === "nest" && hosts.has(hostId));
      return isCovered
        ? []
        : [{ ...of, rule: "failures.row", parameters: { units }, raises: true }];
    });
  },
};
