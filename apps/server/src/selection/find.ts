import { type AttemptSelection, FlashlineError, type ListedSelection } from "@flashline/contract";
import { z } from "zod";
import { plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { findTarget } from "../holds/targets.ts";
import { operatorId } from "../operators/find.ts";
import type { FoundSelection } from "./conditions.ts";
import { plantNamed } from "./plant.ts";
import { type Clock, findStretch, readClock, type Stretch } from "./stretch.ts";

/** What was asked for, with the ids of what it names and its times. */
export interface Selection {
  readonly found: FoundSelection;
  readonly stretch: Stretch;
  /** By which its times are told. */
  readonly clock: () => Promise<Clock>;
}

const Known = z.object({ id: z.string().nullable() });
const PRODUCT = statement(["name"], Known, "SELECT id FROM product WHERE name = :name");
const ORDER = statement(["name"], Known, "SELECT id FROM work_order WHERE number = :name");
const MODEL = statement(["name"], Known, "SELECT id FROM host WHERE controller = :name LIMIT 1");
const STEP = statement(
  ["name", "product"],
  Known,
  "SELECT id FROM process_step WHERE name = :name AND (:product::uuid IS NULL OR product_id = :product::uuid) LIMIT 1",
);
const RELEASE = statement(
  ["version", "product"],
  Known,
  `SELECT id FROM release WHERE version = :version AND (:product::uuid IS NULL OR product_id = :product::uuid) LIMIT 1`,
);
const IMAGE = statement(
  ["sha256"],
  Known,
  "SELECT release_id AS id FROM release_image WHERE image_sha256 = :sha256 LIMIT 1",
);
/** By product, because that is how batches are in an index: a name that no unit has must not cost a look at all of them. */
const BATCH = statement(
  ["batch"],
  Known,
  `SELECT u.id FROM product p CROSS JOIN LATERAL (
     SELECT id FROM unit WHERE product_id = p.id AND batch = :batch LIMIT 1) u LIMIT 1`,
);

const missing = (what: string) =>
  new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });

/** One that its agent does not name any more keeps what was made in it. */
const NEST = statement(
  ["station", "nest"],
  Known,
  "SELECT id FROM nest WHERE station_id = :station::uuid AND name = :nest",
);

/** The id that a statement finds; undefined where no name was given. Rejects with `request.not_found`. */
async function known(
  name: string | undefined,
  what: string,
  find: (name: string) => Promise<{ readonly id: string | null } | undefined>,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const row = await find(name);
  if (row === undefined) throw missing(`${what} ${name}`);
  return row.id ?? undefined;
}

/** Where the attempts were made, and whose clock that is. */
async function findPlaces(sql: Sql, { plant, line, station, nest, host }: AttemptSelection) {
  if (nest !== undefined && station === undefined) {
    throw new FlashlineError("request.invalid", "nest needs station: each station has its own.");
  }
  const plantId = plant === undefined ? undefined : await plantNamed(sql, plant);
  const lineFound =
    line === undefined
      ? undefined
      : await findTarget(sql, { kind: "line", line, ...(plant === undefined ? {} : { plant }) });
  const stationFound =
    station === undefined ? undefined : await findTarget(sql, { kind: "station", station });
  const nestId =
    nest === undefined || stationFound === undefined
      ? undefined
      : (await sql.row(NEST, { station: stationFound.targetId, nest }))?.id;
  if (nest !== undefined && nestId === undefined) throw missing(`nest ${station}/${nest}`);
  const hostFound = host === undefined ? undefined : await findTarget(sql, { kind: "host", host });
  return {
    clockOf: plantId ?? lineFound?.plantId ?? stationFound?.plantId ?? undefined,
    places: {
      // A line is one of its plant.
      plant: lineFound === undefined ? plantId : undefined,
      line: lineFound?.targetId,
      station: stationFound?.targetId,
      nest: nestId ?? undefined,
      host: hostFound?.targetId,
    },
  };
}

/** What was flashed. */
async function findThings(sql: Sql, asked: AttemptSelection) {
  const { product, step, release, image, order, batch, model } = asked;
  const productId = await known(product, "product", (name) => sql.row(PRODUCT, { name }));
  const ofProduct = productId ?? null;
  await known(step, "step", (name) => sql.row(STEP, { name, product: ofProduct }));
  await known(release, "release", (version) => sql.row(RELEASE, { version, product: ofProduct }));
  await known(image, "release with the image", (sha256) => sql.row(IMAGE, { sha256 }));
  await known(batch, "unit of the batch", (name) => sql.row(BATCH, { batch: name }));
  await known(model, "host with a controller", (name) => sql.row(MODEL, { name }));
  const orderId = await known(order, "work order", (name) => sql.row(ORDER, { name }));
  return { product: productId, order: orderId, step, release, image, batch, model };
}

/**
 * What a selection names, by id. Nobody is told that nothing is affected because of a name that was misspelt: rejects with
 * `request.not_found` then, and with `request.invalid` where the selection contradicts itself.
 */
export async function findSelection(sql: Sql, asked: ListedSelection): Promise<Selection> {
  const { clockOf, places } = await findPlaces(sql, asked);
  const things = await findThings(sql, asked);
  const clock = () => readClock(sql, clockOf);
  const stretch = await findStretch(sql, clock, asked);
  const { outcome, code, blame, virtual, only } = asked;
  const operator = await known(asked.operator, "person", async (name) => {
    const id = await operatorId(sql, name);
    return id === null ? undefined : { id };
  });
  return {
    clock,
    stretch,
    found: {
      ...places,
      ...things,
      from: stretch.from,
      to: stretch.to,
      outcome,
      code: code === undefined ? undefined : plainText(code),
      blame,
      virtual,
      operator,
      counted: only === "counted" || only === "by-host" ? true : undefined,
      first: only === "first" || only === "by-host" ? true : undefined,
      byHost: only === "by-host" ? true : undefined,
    },
  };
}
