import { tallySql } from "../../db/tally.ts";
import { sqlSource } from "./source.ts";

/** An order that its stations go on from by themselves needs nobody. */
export const lowOrders = sqlSource(
  "order.low",
  "work",
  `
SELECT r.scope, 'order' AS "subjectKind", w.id AS "subjectId", w.number AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('left', w.quantity - w.used) AS parameters, true AS raises
  FROM rule r JOIN work_order w ON w.state = 'open' AND w.quantity - w.used <= r."left" AND w.quantity - w.used <= r.share * w.quantity
  ${tallySql("w.id")}
 WHERE t.passed < w.quantity
   AND EXISTS (
     SELECT FROM station_order so WHERE so.work_order_id = w.id AND NOT EXISTS (
       SELECT FROM station_order o JOIN work_order n ON n.id = o.work_order_id
        WHERE o.station_id = so.station_id AND n.id <> w.id AND n.product_id = w.product_id AND n.state = 'open' AND n.used < n.quantity))`,
);

/** Several stretches of one name are one range. */
export const lowNumbers = sqlSource(
  "numbers.low",
  "work",
  `
SELECT r.scope, 'product' AS "subjectKind", n.product_id || ' ' || n.name AS "subjectId", p.name || ' ' || n.name AS "subjectName",
       NULL::uuid AS "stationId", jsonb_build_object('left', n."left"::float8) AS parameters, true AS raises
  FROM rule r CROSS JOIN (
    SELECT product_id, name, sum(greatest(0, last - next + 1)) AS "left", sum(last - first + 1) AS size
      FROM number_range GROUP BY product_id, name) n
  JOIN product p ON p.id = n.product_id
 WHERE n."left" <= r."left" AND n."left" <= r.share * n.size`,
);

/** Only what somebody still has to flash. */
export const expiringReleases = sqlSource(
  "release.expiring",
  "time",
  `
SELECT r.scope, 'release' AS "subjectKind", e.id AS "subjectId", p.name || ' ' || e.version AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('expires', to_char(e.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'order', min(w.number)) AS parameters,
       true AS raises
  FROM rule r JOIN release e ON e.state = 'released' AND e.expires_at < now() + make_interval(days => r.days::int)
  JOIN product p ON p.id = e.product_id JOIN work_order w ON w.release_id = e.id AND w.state = 'open' AND w.used < w.quantity
 GROUP BY r.scope, e.id, p.name, e.version, e.expires_at`,
);

/** By the server; a person who switches one off knows it. */
export const webhooksOff = sqlSource(
  "webhook.off",
  "work",
  `
SELECT r.scope, 'webhook' AS "subjectKind", w.id AS "subjectId", w.name AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('why', w.off_reason) AS parameters, true AS raises
  FROM rule r JOIN webhook w ON w.off_at IS NOT NULL AND w.off_reason IS NOT NULL`,
);

/** The server's own clock counts: the endpoint may be anywhere. */
export const webhooksFailing = sqlSource(
  "webhook.failing",
  "time",
  `
SELECT r.scope, 'webhook' AS "subjectKind", w.id AS "subjectId", w.name AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('since', to_char(w.failing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
         'error', coalesce(w.last_error, 'it did not say why')) AS parameters,
       w.failing_since < now() - make_interval(mins => r.minutes::int) AS raises
  FROM rule r JOIN webhook w ON w.off_at IS NULL AND w.failing_since IS NOT NULL`,
);

/** Messages that are on their way once more still count: they may die again. */
export const deadLetters = sqlSource(
  "webhook.letters",
  "time",
  `
SELECT r.scope, 'webhook' AS "subjectKind", w.id AS "subjectId", w.name AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('letters', l.letters) AS parameters, l.letters >= r.letters AS raises
  FROM rule r CROSS JOIN webhook w
  JOIN LATERAL (SELECT count(*)::int AS letters FROM webhook_letter WHERE webhook_id = w.id) l ON l.letters > 0`,
);
