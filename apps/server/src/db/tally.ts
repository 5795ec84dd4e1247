/**
 * Joins to each row of a statement what is kept of the order, release or product whose id `scope` names, as `t.units`, `t.passed`,
 * `t.running` and `t.failed`. Triggers keep it in the statement that moves a job; see the migration.
 */
export const tallySql = (scope: string): string => `
CROSS JOIN LATERAL (
  SELECT coalesce(sum(k.units), 0)::int AS units, coalesce(sum(k.passed), 0)::int AS passed,
         coalesce(sum(k.running), 0)::int AS running, coalesce(sum(k.failed), 0)::int AS failed
    FROM tally k WHERE k.scope = ${scope}) t`;
