/** SQL: when the unit was repaired last. */
const repairedSql = (unit: string): string =>
  `coalesce((SELECT max(w.at) FROM rework w WHERE w.unit_id = ${unit} AND w.kind = 'repair'), '-infinity')`;

/** SQL: attempts `a` that say something of their unit. */
const SAID = `a.outcome IS NOT NULL AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'`;

/** SQL: how often the unit has failed at the step since its last repair, without failures of the host, of hands that took it out, and those in which another unit was in its place. */
export const failuresSql = (unit: string, step: string): string =>
  `(SELECT count(*)::int FROM attempt a WHERE a.unit_id = ${unit} AND a.step_id = ${step} AND ${SAID}
     AND a.outcome = 'FAIL' AND a.blame IS DISTINCT FROM 'host' AND a.code IS DISTINCT FROM 'attempt.unplugged'
     AND a.code IS DISTINCT FROM 'leave.other_serial'
     AND a.accepted_at > ${repairedSql(unit)})`;

/** SQL: with so many failures a lead is asked. Each override allows one more, until the next repair. */
export const allowedSql = (unit: string, limit: string): string =>
  `(${limit} + (SELECT count(*)::int FROM rework w WHERE w.unit_id = ${unit} AND w.kind = 'override'
     AND w.at > ${repairedSql(unit)}))`;

/** SQL: the unit is scrap. */
export const scrappedSql = (unit: string): string =>
  `coalesce((SELECT w.kind = 'scrap' FROM rework w WHERE w.unit_id = ${unit} AND w.kind IN ('scrap', 'unscrap')
     ORDER BY w.at DESC, w.id DESC LIMIT 1), false)`;

/** SQL: the unit's last try at the step failed, by the fault of this host. Null where it was not tried. */
export const failedAtHostSql = (unit: string, step: string, host: string): string =>
  `(SELECT a.outcome = 'FAIL' AND a.blame = 'host' AND a.host_id = ${host} FROM attempt a
     WHERE a.unit_id = ${unit} AND a.step_id = ${step} AND ${SAID}
     ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1)`;
