import type { Values } from "../db/statement.ts";
import { byHostSql } from "./by-host.ts";

/** What a statement over a selection takes; what was not given is undefined. */
export const SELECTED = [
  ...["from", "to", "plant", "line", "station", "nest", "host", "model", "product", "step"],
  ...["release", "image", "order", "batch", "outcome", "code", "blame", "virtual"],
  ...["counted", "first", "byHost", "operator"],
] as const;
export type Selected = (typeof SELECTED)[number];

/** A selection with the ids of what it names. */
export type FoundSelection = Values<Selected>;

/** SQL: whether an attempt counts in yields, once it was reported. What an operator called off, or what contradicts its job, does not. */
export const countedSql = (a: string): string =>
  `${a}.outcome IS NOT NULL AND ${a}.code IS DISTINCT FROM 'attempt.cancelled' AND ${a}.contradictions = '{}'`;

const CONDITIONS: Readonly<Record<Selected, (a: string) => string>> = {
  from: (a) => `${a}.accepted_at >= :from::timestamptz`,
  to: (a) => `${a}.accepted_at < :to::timestamptz`,
  plant: (a) =>
    `${a}.station_id IN (SELECT s.id FROM station s JOIN line l ON l.id = s.line_id WHERE l.plant_id = :plant::uuid)`,
  line: (a) => `${a}.station_id IN (SELECT id FROM station WHERE line_id = :line::uuid)`,
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
  byHost: (a) => `${byHostSql(a)} = :byHost::boolean`,
  operator: (a) => `${a}.operator_id = :operator::uuid`,
};

/**
 * SQL: what must hold for an attempt, which the statement calls `a`, to be in the selection; for `whereSql`. A further dimension by
 * which attempts are chosen is a name above, a condition here and a look-up in `find.ts`.
 */
export const selectedSql = (
  isGiven: (name: Selected) => boolean,
  a = "a",
  without: readonly Selected[] = [],
): readonly string[] =>
  SELECTED.filter((name) => isGiven(name) && !without.includes(name)).map((name) =>
    CONDITIONS[name](a),
  );
