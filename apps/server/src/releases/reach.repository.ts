import { ReleaseDryRun, ReleaseRadius } from "@flashline/contract";
import { z } from "zod";
import { standsInForSql } from "../canary/repository.ts";
import type { Sql } from "../db/sql.ts";
import { statement, timeSql } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";
import { predecessorSql } from "./move-orders.ts";

const STATIONS_OF = (
  order: string,
) => `ARRAY(SELECT s.name FROM station_order so JOIN station s ON s.id = so.station_id
  WHERE so.work_order_id = ${order}.id ORDER BY s.name)`;

const DryRunRow = ReleaseDryRun.pick({
  product: true,
  version: true,
  state: true,
  predecessor: true,
  orders: true,
  channels: true,
}).extend({
  /** Whether another release of the product is a canary. */
  otherCanary: z.boolean(),
});
export type DryRunFacts = z.infer<typeof DryRunRow>;
/** `stations` null: no canary is thought of; `predecessor` null: what comes before it. */
const DRY_RUN = statement(
  ["id", "stations", "predecessor", "channels"],
  DryRunRow,
  `
WITH r AS (
  SELECT r.*, p.name AS product,
         CASE WHEN :stations::text[] IS NULL OR EXISTS (SELECT FROM canary c WHERE c.release_id = r.id) THEN ${predecessorSql("r")}
              ELSE ${standsInForSql("r", ":predecessor")} END AS before_id
    FROM release r JOIN product p ON p.id = r.product_id WHERE r.id = :id)
SELECT r.product, r.version, r.state, (SELECT b.version FROM release b WHERE b.id = r.before_id) AS predecessor,
       EXISTS (SELECT FROM release o WHERE o.product_id = r.product_id AND o.id <> r.id AND o.state IN ('canary', 'paused')) AS "otherCanary",
       coalesce((SELECT json_agg(json_build_object('number', w.number, 'version', o.version,
           'left', greatest(w.quantity - w.used, 0), 'stations', ${STATIONS_OF("w")}, 'channel', c.name,
           'inWork', (SELECT count(*) FROM job j WHERE j.work_order_id = w.id AND j.state IN (${OPEN_SQL})),
           'reached', CASE WHEN w.release_id = r.id THEN 'names' WHEN c.name = ANY(:channels::text[]) THEN 'channel'
              WHEN w.release_id = r.before_id AND c.id IS NULL THEN 'follows' ELSE 'no' END,
           'canaryAt', ARRAY(SELECT s.name FROM station_order so JOIN station s ON s.id = so.station_id
              WHERE so.work_order_id = w.id AND w.release_id = r.before_id AND s.name = ANY(:stations::text[]) ORDER BY s.name),
           'otherBoards', CASE WHEN cardinality(r.board_revisions) = 0 THEN 0 ELSE (SELECT count(*)::int FROM unit u
              WHERE u.product_id = w.product_id AND u.work_order_id = w.id
                AND NOT coalesce(u.board_revision = ANY(r.board_revisions), false)) END) ORDER BY w.number)
          FROM work_order w JOIN release o ON o.id = w.release_id LEFT JOIN channel c ON c.id = w.channel_id
         WHERE w.product_id = r.product_id AND w.state = 'open'), '[]') AS orders,
       coalesce((SELECT json_agg(json_build_object('name', c.name, 'version', v.version) ORDER BY c.name)
          FROM channel c LEFT JOIN release v ON v.id = c.release_id
         WHERE c.product_id = r.product_id AND c.name = ANY(:channels::text[])), '[]') AS channels
  FROM r`,
);

/** The release beside the open orders of its product. Undefined: there is no such release. */
export const dryRunFacts = (
  sql: Sql,
  id: string,
  stations: readonly string[] | null,
  predecessor: string | null,
  channels: readonly string[],
): Promise<DryRunFacts | undefined> =>
  sql.row(DRY_RUN, {
    id,
    predecessor,
    channels: [...channels],
    stations: stations === null ? null : [...stations],
  });

const JOBS = (states: string) => `
  coalesce((SELECT json_agg(json_build_object('station', s.name, 'nest', n.name, 'serial', u.serial) ORDER BY s.name, n.name)
     FROM job j JOIN unit u ON u.id = j.unit_id JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
    WHERE j.release_id = r.id AND j.state IN (${states})), '[]')`;
/** The next order of the product in the queue of station `s` that can go on without the release. */
const NEXT = `(SELECT o.number FROM station_order other JOIN work_order o ON o.id = other.work_order_id JOIN release also ON also.id = o.release_id
    WHERE other.station_id = s.id AND o.state = 'open' AND o.product_id = r.product_id AND o.used + o.reserved < o.quantity AND also.id <> r.id
      AND also.state = 'released' AND (also.expires_at IS NULL OR also.expires_at > now())
    ORDER BY other.priority, other.set_at, o.id LIMIT 1)`;

const RADIUS = statement(
  ["id"],
  ReleaseRadius,
  `
SELECT p.name AS product, r.version, r.state,
       coalesce((SELECT sum(t.passed)::int FROM tally t WHERE t.scope = r.id), 0) AS passed,
       coalesce((SELECT sum(t.failed)::int FROM tally t WHERE t.scope = r.id), 0) AS failed,
       (SELECT count(DISTINCT j.unit_id)::int FROM job j WHERE j.release_id = r.id AND j.state = 'UNKNOWN') AS unknown,
       ${JOBS("'RUNNING'")} AS finishing, ${JOBS("'QUEUED', 'OFFERED', 'LEASED'")} AS "calledOff",
       coalesce((SELECT json_agg(json_build_object('number', w.number, 'left', greatest(w.quantity - w.used, 0), 'stations', ${STATIONS_OF("w")})
          ORDER BY w.number) FROM work_order w WHERE w.product_id = r.product_id AND w.release_id = r.id AND w.state = 'open'), '[]') AS orders,
       coalesce((SELECT json_agg(json_build_object('station', s.name, 'next', ${NEXT}) ORDER BY s.name)
          FROM station s WHERE EXISTS (SELECT FROM station_order so JOIN work_order w ON w.id = so.work_order_id
            WHERE so.station_id = s.id AND w.release_id = r.id AND w.state = 'open')), '[]') AS stations,
       coalesce((SELECT json_agg(json_build_object('station', s.name, 'left', g.units - g.used, 'until', ${timeSql("g.until")}) ORDER BY s.name, g.until)
          FROM offline_grant g JOIN station s ON s.id = g.station_id
         WHERE g.release_id = r.id AND g.ended_at IS NULL AND g.used < g.units), '[]') AS grants,
       ARRAY(SELECT c.name FROM channel c WHERE c.release_id = r.id ORDER BY 1) AS channels,
       ARRAY(SELECT cr.version FROM canary c JOIN release cr ON cr.id = c.release_id
              WHERE c.predecessor_id = r.id AND cr.state IN ('canary', 'paused') ORDER BY 1) AS canaries,
       (SELECT b.version FROM canary c JOIN release b ON b.id = c.predecessor_id
         WHERE c.release_id = r.id AND r.state IN ('canary', 'paused')) AS instead
  FROM release r JOIN product p ON p.id = r.product_id WHERE r.id = :id`,
);

/** What a revocation would hit. Undefined: there is no such release. */
export const radiusOf = (sql: Sql, id: string): Promise<ReleaseRadius | undefined> =>
  sql.row(RADIUS, { id });
