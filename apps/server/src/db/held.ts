import { HOLD_CODES, HOLD_KINDS, HOLD_OVERRIDE_MS, type HoldKind } from "@flashline/contract";
import { z } from "zod";

/** A hold as a refusal tells it. */
export const Held = z.object({ kind: z.enum(HOLD_KINDS), name: z.string(), reason: z.string() });
export type Held = Readonly<z.infer<typeof Held>>;

/** SQL: since the hold was set somebody let this unit through once, and it was not tried since. */
const letThroughSql = (unit: string): string =>
  `EXISTS (SELECT FROM rework let WHERE let.unit_id = ${unit}.id AND let.kind = 'hold-override'
     AND let.at > hold.set_at AND let.at > now() - interval '${HOLD_OVERRIDE_MS} ms'
     AND NOT EXISTS (SELECT FROM attempt tried WHERE tried.unit_id = ${unit}.id AND tried.accepted_at > let.at))`;

/** SQL after SELECT: holds that are on any of these ids, and with the alias of a unit's row also on its batch. */
export const heldSql = (ids: readonly string[], unit?: string): string => {
  const on = `FROM hold WHERE hold.lifted_at IS NULL AND hold.target_id IN (${ids.join(", ")})`;
  if (unit === undefined) return `${on} AND hold.batch = ''`;
  return `${on} AND hold.batch IN ('', ${unit}.batch)
    AND NOT (hold.kind IN ('unit', 'batch') AND ${letThroughSql(unit)})`;
};

/** Whatever stands above comes first: who may not use the line need not hear of the nest. */
const FIRST: readonly HoldKind[] = ["line", "station", "nest", "host", "unit", "batch"];
const ORDER = `ORDER BY array_position(ARRAY[${FIRST.map((kind) => `'${kind}'`).join(", ")}], hold.kind)`;

/** SQL: the first of them as a {@link Held}, or null. */
export const firstHeldSql = (ids: readonly string[], unit?: string): string =>
  `(SELECT json_build_object('kind', hold.kind, 'name', hold.name, 'reason', hold.reason) ${heldSql(ids, unit)} ${ORDER} LIMIT 1)`;

/** SQL: all of them as an array of {@link Held}. */
export const allHeldSql = (ids: readonly string[], unit?: string): string =>
  `(SELECT coalesce(json_agg(json_build_object('kind', hold.kind, 'name', hold.name, 'reason', hold.reason) ${ORDER}), '[]') ${heldSql(ids, unit)})`;

const CODE = `CASE hold.kind ${HOLD_KINDS.map((kind) => `WHEN '${kind}' THEN '${HOLD_CODES[kind]}'`).join(" ")} END`;

/** SQL: why nest `n` of station `s` takes no units, as the contract's HoldNote; null where it does. */
export const NEST_HOLD = `(SELECT json_build_object('kind', hold.kind, 'code', ${CODE}, 'reason', hold.reason)
  ${heldSql(["n.id", "s.id", "s.line_id", "n.host_id"])} ${ORDER} LIMIT 1)`;

/** SQL: the nest is one that its agent names. */
export const nestInUseSql = (nest: string): string => `${nest}.port_path NOT LIKE 'was %'`;
/** SQL: nest `n` is. */
export const NEST_IN_USE = nestInUseSql("n");
