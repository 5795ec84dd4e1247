import type { YieldQuery } from "@flashline/contract";
import { HOST_NAME } from "../db/host-names.ts";
import { lineOrStationSql } from "../selection/conditions.ts";

export type Dimension = NonNullable<YieldQuery["by"]>;

/** How attempts are grouped by a dimension. */
interface Grouping {
  /** The column of an attempt by which they are added up first; SQL where it depends on when the attempt, called `x`, began. */
  readonly base: string | ((at: string) => string);
  /** What is joined to `g.base` of each sum. */
  readonly join: string;
  readonly name: string;
  /** SQL of JSON: the parameters that choose the group. */
  readonly filter: string;
}

const PRODUCT = "JOIN product p ON p.id = x.product_id";
const STATION = "JOIN station s ON s.id = g.base";
const HOST = `JOIN host h ON h.id = g.base ${HOST_NAME}`;

/** A further dimension is a row here, a condition and a look-up in `selection`. */
export const GROUPINGS: Readonly<Record<Dimension, Grouping>> = {
  line: {
    base: (at) => lineOrStationSql("x", at),
    join: "LEFT JOIN station s ON s.id = g.base JOIN line l ON l.id = coalesce(s.line_id, g.base) JOIN plant p ON p.id = l.plant_id",
    name: "p.name || '/' || l.name",
    filter: "jsonb_build_object('plant', p.name, 'line', l.name)",
  },
  station: {
    base: "station_id",
    join: STATION,
    name: "s.name",
    filter: "jsonb_build_object('station', s.name)",
  },
  nest: {
    base: "nest_id",
    join: "JOIN nest n ON n.id = g.base JOIN station s ON s.id = n.station_id",
    name: "s.name || '/' || n.name",
    filter: "jsonb_build_object('station', s.name, 'nest', n.name)",
  },
  host: {
    base: "host_id",
    join: HOST,
    name: "hn.name",
    filter: "jsonb_build_object('host', h.id)",
  },
  model: {
    base: "host_id",
    join: "JOIN host h ON h.id = g.base",
    name: "coalesce(nullif(h.controller, ''), h.driver)",
    filter: "CASE WHEN h.controller <> '' THEN jsonb_build_object('model', h.controller) END",
  },
  product: {
    base: "release_id",
    join: `JOIN release x ON x.id = g.base ${PRODUCT}`,
    name: "p.name",
    filter: "jsonb_build_object('product', p.name)",
  },
  step: {
    base: "step_id",
    join: `JOIN process_step x ON x.id = g.base ${PRODUCT}`,
    name: "p.name || ' ' || x.name",
    filter: "jsonb_build_object('product', p.name, 'step', x.name)",
  },
  release: {
    base: "release_id",
    join: `JOIN release x ON x.id = g.base ${PRODUCT}`,
    name: "p.name || ' ' || x.version",
    filter: "jsonb_build_object('product', p.name, 'release', x.version)",
  },
  order: {
    base: "work_order_id",
    join: "JOIN work_order wo ON wo.id = g.base",
    name: "wo.number",
    filter: "jsonb_build_object('order', wo.number)",
  },
  batch: {
    base: "batch",
    join: "",
    name: "g.base",
    filter: "CASE WHEN g.base <> '' THEN jsonb_build_object('batch', g.base) END",
  },
};

/** SQL: what attempts `x` are added up by first. `at` is the column of when they began. */
export function baseSql(by: Dimension, at: string): string {
  const { base } = GROUPINGS[by];
  return typeof base === "string" ? `x.${base}` : base(`x.${at}`);
}
