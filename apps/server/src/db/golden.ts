/** Next and latest beginning of a shift of plant `p`, by its clock; of a plant without shifts, of its day. */
const shiftSql = (p: string): string => `(
  SELECT max(begins) FILTER (WHERE begins <= now()) AS since, min(begins) FILTER (WHERE begins > now()) AS next
    FROM (SELECT ((now() AT TIME ZONE ${p}.time_zone)::date + days + coalesce((shift ->> 'start')::time, time '00:00')) AT TIME ZONE ${p}.time_zone AS begins
            FROM generate_series(-1, 1) days LEFT JOIN jsonb_array_elements(${p}.shifts) shift ON true) each_begin)`;

/**
 * SQL: when nest `n` of plant `p` is to be checked with a golden unit; null: never. A nest whose latest check failed is due at once, and so is one
 * that was never checked.
 */
export const goldenDueSql = (n: string, p: string): string => `(
  SELECT CASE
      WHEN gn.failed_at IS NOT NULL AND (gn.passed_at IS NULL OR gn.failed_at > gn.passed_at) THEN gn.failed_at
      WHEN gr.every = 'hours' THEN coalesce(gn.passed_at + make_interval(hours => gr.hours), gr.set_at)
      WHEN gn.passed_at >= turn.since THEN turn.next
      ELSE turn.since END
    FROM golden_rule gr LEFT JOIN golden_nest gn ON gn.nest_id = ${n}.id CROSS JOIN LATERAL ${shiftSql(p)} turn
   WHERE gr.plant_id = ${p}.id AND gr.every <> 'never')`;

/** SQL: what an overdue check does in plant `p`. */
export const goldenBlocksSql = (p: string): string =>
  `EXISTS (SELECT FROM golden_rule gr WHERE gr.plant_id = ${p}.id AND gr.overdue = 'block')`;

/** SQL: nothing but a check may start in nest `n` of station `s`. */
export const goldenStopsSql = (n: string, s: string): string =>
  `EXISTS (SELECT FROM line gl JOIN plant gp ON gp.id = gl.plant_id
     WHERE gl.id = ${s}.line_id AND ${goldenBlocksSql("gp")} AND ${goldenDueSql(n, "gp")} <= now())`;

/** SQL: the serial is a golden unit's, in use or not. */
export const isGoldenSql = (serial: string): string =>
  `EXISTS (SELECT FROM golden_unit gu WHERE gu.serial = ${serial})`;

/** SQL: the golden units that station `s` may use, and when its nests are due, as the contract's GoldenSetup. */
export const goldenSetupSql = (s: string, inUse: (nest: string) => string): string => `(
  SELECT json_build_object(
      'serials', (SELECT coalesce(json_agg(gu.serial ORDER BY gu.serial), '[]') FROM golden_unit gu
         WHERE gu.plant_id = gp.id AND gu.retired_at IS NULL),
      'nests', (SELECT coalesce(json_agg(json_build_object('name', due.name, 'dueAt', to_char(due.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'blocks', ${goldenBlocksSql("gp")}) ORDER BY due.name), '[]')
         FROM (SELECT dn.name, ${goldenDueSql("dn", "gp")} AS at FROM nest dn WHERE dn.station_id = ${s}.id AND ${inUse("dn")}) due WHERE due.at IS NOT NULL))
    FROM line gl JOIN plant gp ON gp.id = gl.plant_id WHERE gl.id = ${s}.line_id)`;

/** SQL: a golden run waits at nest `n`, so that its golden unit may come there although the host is quarantined. */
export const goldenRunWaitsSql = (n: string): string =>
  `EXISTS (SELECT FROM golden_run gw WHERE gw.nest_id = ${n}.id AND gw.state = 'planned')`;
