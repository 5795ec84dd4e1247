import type { Values } from "../db/statement.ts";

/** What a statement over a selection takes; what was not given is undefined. */
export const SELECTED = [
  ...["from", "to", "plant", "line", "station", "nest", "host", "model", "product", "step"],
  ...["release", "image", "order", "batch", "outcome", "code", "blame", "virtual"],
  ...["counted", "first", "operator"],
] as const;
export type Selected = (typeof SELECTED)[number];

/** A selection with the ids of what it names. */
export type FoundSelection = Values<Selected>;

/** SQL: whether an attempt counts in yields, once it was reported. What an operator called off, or what contradicts its job, does not. */
export const countedSql = (a: string): string =>
  `${a}.outcome IS NOT NULL AND ${a}.code IS DISTINCT FROM 'attempt.cancelled' AND ${a}.contradictions = '{}'`;

/** SQL: stations that stood at another line once. */
const MOVED = "SELECT moved.station_id FROM station_line moved WHERE moved.since > '-infinity'";
/**
 * SQL: whether the station of `a` stood at the line or in the plant at a time. What a moved station made before stays where it was made; all others are
 * told by their station alone, which costs less.
 */
const stoodSql = (a: string, at: string, from: string, where: string): string =>
  `(${a}.station_id IN (SELECT sl.station_id FROM station_line sl ${from} WHERE ${where}) AND (${a}.station_id NOT IN (${MOVED})
    OR EXISTS (SELECT FROM station_line sl ${from} WHERE ${where} AND sl.station_id = ${a}.station_id AND sl.since <= ${at} AND ${at} < sl.until)))`;

/** SQL: the line at which the station of `a` stood; of a station that never moved its own id, which is read as that of its line. */
export const lineOrStationSql = (a: string, at: string): string =>
  `CASE WHEN ${a}.station_id IN (${MOVED}) THEN (SELECT sl.line_id FROM station_line sl
     WHERE sl.station_id = ${a}.station_id AND sl.since <= ${at} AND ${at} < sl.until) ELSE ${a}.station_id END`;

const CONDITIONS: Readonly<Record<Selected, (a: string, at: string) => string>> = {
  from: (a) => `${a}.accepted_at >= :from::timestamptz`,
  to: (a) => `${a}.accepted_at < :to::timestamptz`,
  plant: (a, at) =>
    stoodSql(a, at, "JOIN line l ON l.id = sl.line_id", "l.plant_id = :plant::uuid"),
  line: (a, at) => stoodSql(a, at, "", "sl.line_id = :line::uuid"),
  station: (a) => `${a}.station_id = :station::uuid`,
  nest: (a) => `${a}.nest_id = :nest::uuid`,
  host: (a) => `${a}.host_id = :host::uuid`,
  model: (a) => `${a}.host_id IN (SELECT id FROM host WHERE controller = :model)`,
  product: (a) => `${a}.release_id IN (SELECT id FROM release WHERE product_id = :product::uuid)`,
  step: (a) => `${a}.step_id IN (SELECT id FROM process_step WHERE name = :step)`,
  release: (a) => `${a}.release_id IN (SELECT id FROM release WHERE version = :release)`,
  image: (a) =>
    `${a}.release_id IN (SELECT release_id FROM release_image WHERE image_sha256 = :image)`,
  order: (a) => `${a}.work_order_id = :order::uuid`,
  batch: (a) => `EXISTS (SELECT FROM unit u WHERE u.id = ${a}.unit_id AND u.batch = :batch)`,
  outcome: (a) => `${a}.outcome = :outcome`,
  code: (a) => `${a}.code = :code`,
  blame: (a) => `${a}.blame = :blame`,
  virtual: (a) => `${a}.virtual = :virtual::boolean`,
  counted: (a) => `(${countedSql(a)}) = :counted::boolean`,
  first: (a) => `${a}.first = :first::boolean`,
  operator: (a) => `${a}.operator_id = :operator::uuid`,
};

/**
 * SQL: what must hold for an attempt, which the statement calls `a`, to be in the selection; for `whereSql`. `at` is when it began. A further dimension by
 * which attempts are chosen is a name above, a condition here and a look-up in `find.ts`.
 */
export const selectedSql = (
  isGiven: (name: Selected) => boolean,
  a = "a",
  without: readonly Selected[] = [],
  at = `${a}.accepted_at`,
): readonly string[] =>
  SELECTED.filter((name) => isGiven(name) && !without.includes(name)).map((name) =>
    CONDITIONS[name](a, at),
  );
