/** SQL: how people work at station `s`, where somebody said so: its own rules over its plant's. */
export const operatorRulesSql = (s: string): string =>
  `(SELECT opl.operators || ${s}.operators FROM line ol JOIN plant opl ON opl.id = ol.plant_id WHERE ol.id = ${s}.line_id)`;

/** SQL: nobody starts a unit at station `s` without being logged in. */
export const operatorRequiredSql = (s: string): string =>
  `coalesce((${operatorRulesSql(s)} ->> 'required')::boolean, false)`;

/** SQL: the id `person` of somebody who may work at station `s` now; null of everybody else. */
export const operatorSql = (person: string, s: string): string =>
  `(SELECT op.id FROM person op WHERE op.id = ${person} AND op.disabled_at IS NULL
     AND (op.plant_id IS NULL OR op.plant_id = (SELECT ol.plant_id FROM line ol WHERE ol.id = ${s}.line_id)))`;
