import type { RecipeView } from "@flashline/contract";
import { z } from "zod";
import { exceptionStateSql } from "../db/exception.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { announce } from "../queue/outbox.ts";

export interface NewRelease {
  readonly product: string;
  readonly version: string;
  readonly counter: number;
  readonly chip: string;
  readonly boardRevisions: readonly string[];
  readonly manifest: Uint8Array;
  readonly manifestSha256: string;
  readonly signature: string;
  readonly keyId: string;
  readonly recipe: RecipeView;
  readonly expiresAt: Date | null;
  readonly images: readonly { name: string; sha256: string; address: number | null }[];
}
/** Why a release was not added; its id when it was. */
export type Added =
  | { readonly id: string }
  | { readonly refused: "product" | "version" | "image"; readonly what: string }
  /** A release of the product has this counter already, or a higher one. */
  | { readonly refused: "counter"; readonly version: string; readonly counter: number }
  /** `most` is the highest counter that is taken; `last` is null for the product's first release. */
  | {
      readonly refused: "step";
      readonly counter: number;
      readonly most: number;
      readonly last: number | null;
    };

const EXCEPTED = statement(
  ["manifestSha256"],
  z.object({ id: z.string() }),
  `
SELECT e.id FROM release_exception e WHERE e.manifest_sha256 = :manifestSha256 AND 'release.counter_used' = ANY(e.lifts)
   AND ${exceptionStateSql("e")} = 'good' ORDER BY e.valid_until, e.id LIMIT 1`,
);

/**
 * Counters only rise, so that a typing mistake could block a product for ever. Dates (20261128) and seconds since 1970 fit as
 * counters; a counter further above the last one, or without room above it, is refused as a mistake.
 */
const LARGEST_STEP = 100_000_000;
const LARGEST_FIRST = 2_000_000_000;

const LOCK_PRODUCT = statement(
  ["name"],
  z.object({ id: z.string() }),
  "SELECT id FROM product WHERE name = :name FOR UPDATE",
);
/** SQL: a draft that the check refused. One that is in the way of a new release is taken out for it. */
const REFUSED = `state = 'draft' AND "check" = 'refused'`;
const REFUSED_DRAFTS = statement(
  ["productId", "version", "counter"],
  z.object({ id: z.string(), version: z.string(), checkCode: z.string() }),
  `
WITH gone AS (
  SELECT id, version, counter, check_code FROM release
   WHERE product_id = :productId::uuid AND ${REFUSED} AND (version = :version OR counter >= :counter)
), images AS (
  DELETE FROM release_image USING gone WHERE release_id = gone.id
)
SELECT id, version, check_code AS "checkCode" FROM gone`,
);
const SAME_VERSION = statement(
  ["productId", "version"],
  z.object({ version: z.string() }),
  `SELECT version FROM release WHERE product_id = :productId::uuid AND version = :version AND NOT (${REFUSED})`,
);
const NOT_OLDER = statement(
  ["productId", "counter"],
  z.object({ version: z.string(), counter: z.number() }),
  `
SELECT version, counter FROM release WHERE product_id = :productId::uuid AND counter >= :counter AND NOT (${REFUSED})
 ORDER BY counter DESC LIMIT 1`,
);
const LAST = statement(
  ["productId", "counter"],
  z.object({ counter: z.number().nullable() }),
  `SELECT max(counter) AS counter FROM release WHERE product_id = :productId::uuid AND NOT (${REFUSED} AND counter >= :counter)`,
);
const IMAGES = statement(
  ["digests"],
  z.object({ sha256: z.string() }),
  "SELECT sha256 FROM image WHERE sha256 = ANY(:digests::text[])",
);
const INSERT = `
INSERT INTO release (id, product_id, version, counter, chip, board_revisions, manifest, manifest_sha256,
       signature, key_id, expires_at, created_by, recipe, counter_excepted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const INSERT_IMAGE = `
INSERT INTO release_image (release_id, position, name, image_sha256, address)
VALUES ($1, $2, $3, $4, $5)`;

/**
 * Adds a draft and announces its check. One at a time for a product, so that counters only rise. A signed exception lets one with a used counter
 * in, which is never released.
 */
export async function addDraft(tx: Sql, release: NewRelease, by: Origin): Promise<Added> {
  const product = await tx.row(LOCK_PRODUCT, { name: release.product });
  if (product === undefined) return { refused: "product", what: release.product };
  const excepted = await tx.row(EXCEPTED, { manifestSha256: release.manifestSha256 });
  const newest = await tx.row(NOT_OLDER, { productId: product.id, counter: release.counter });
  const inTheWay = excepted === undefined ? newest : undefined;
  const refusal = await refusalOf(tx, release, product.id, inTheWay);
  if (refusal !== undefined) return refusal;
  await dropRefusedDrafts(tx, { ...release, productId: product.id, by });
  const id = newId();
  await tx.execute(INSERT, [
    id,
    product.id,
    release.version,
    release.counter,
    release.chip,
    [...release.boardRevisions],
    release.manifest,
    release.manifestSha256,
    release.signature,
    release.keyId,
    release.expiresAt,
    actorOf(by),
    JSON.stringify(release.recipe),
    newest !== undefined,
  ]);
  for (const [position, image] of release.images.entries()) {
    await tx.execute(INSERT_IMAGE, [id, position, image.name, image.sha256, image.address]);
  }
  await announceCheck(tx, id);
  const { manifestSha256, version, counter, keyId } = release;
  await recordEvent(tx, {
    kind: "release.published",
    by,
    subject: { id, name: `${release.product} ${version}` },
    data: {
      product: release.product,
      version,
      counter,
      manifestSha256,
      keyId,
      images: release.images.map(({ sha256 }) => sha256),
    },
  });
  return { id };
}

/** Why the product, locked by the caller, cannot have this release. `newest`: a release whose counter is in its way. */
async function refusalOf(
  tx: Sql,
  { version, counter, images }: NewRelease,
  productId: string,
  newest: z.output<typeof NOT_OLDER.row> | undefined,
): Promise<Exclude<Added, { readonly id: string }> | undefined> {
  const clash = await tx.row(SAME_VERSION, { productId, version });
  if (clash !== undefined) return { refused: "version", what: version };
  if (newest !== undefined) return { refused: "counter", ...newest };
  const last = (await tx.row(LAST, { productId, counter }))?.counter ?? null;
  const most = last === null ? LARGEST_FIRST : last + LARGEST_STEP;
  if (counter > most) return { refused: "step", counter, most, last };
  const digests = images.map(({ sha256 }) => sha256);
  const there = await tx.rows(IMAGES, { digests });
  const missing = digests.find((digest) => !there.some(({ sha256 }) => sha256 === digest));
  return missing === undefined ? undefined : { refused: "image", what: missing };
}

/**
 * A draft that the check refused can never be released: it must keep neither its version nor its counter from the corrected
 * one. The ledger keeps its data.
 */
async function dropRefusedDrafts(
  tx: Sql,
  draft: Pick<NewRelease, "product" | "version" | "counter"> & { productId: string; by: Origin },
): Promise<void> {
  const { productId, version: newVersion, counter } = draft;
  const refused = await tx.rows(REFUSED_DRAFTS, { productId, version: newVersion, counter });
  for (const { id, version, checkCode } of refused) {
    await tx.execute("DELETE FROM release WHERE id = $1", [id]);
    await recordEvent(tx, {
      kind: "release.replaced",
      by: draft.by,
      subject: { id, name: `${draft.product} ${version}` },
      data: { version, checkCode },
    });
  }
}

export const announceCheck = (tx: Sql, releaseId: string): Promise<void> =>
  announce(tx, { queue: "release", key: `release-${releaseId}`, payload: { releaseId } });
