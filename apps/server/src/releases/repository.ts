import type { RecipeView, ReleaseView } from "@flashline/contract";
import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import { announce } from "../db/outbox.ts";
import type { Sql } from "../db/sql.ts";
import { newId } from "../ids.ts";
import type { CheckedImage } from "./check.ts";

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
export interface ReleaseRow
  extends Omit<
    ReleaseView,
    "createdAt" | "releasedAt" | "revokedAt" | "state" | "check" | "boardRevisions"
  > {
  readonly state: string;
  readonly check: string;
  readonly boardRevisions: readonly string[];
  readonly createdAt: Date;
  readonly releasedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly signature: string;
}
export interface SignedRelease {
  readonly manifest: Uint8Array;
  readonly signature: string;
  readonly keyId: string;
  readonly check: string;
  readonly productChip: string;
  readonly boardRevisions: readonly string[];
}
/** Why a release was not added; its id when it was. */
export type Added =
  | { readonly id: string }
  | { readonly refused: "product" | "version" | "image"; readonly what: string }
  | { readonly refused: "counter"; readonly what: string };

const SELECT = `SELECT r.id, p.name AS product, r.version, r.counter, r.chip, r.board_revisions AS "boardRevisions", r.state,
    r.check, r.check_code AS "checkCode", r.check_message AS "checkMessage", r.key_id AS "keyId", r.signature, r.recipe,
    r.manifest_sha256 AS "manifestSha256", r.created_at AS "createdAt", r.created_by AS "createdBy",
    r.released_at AS "releasedAt", r.revoked_at AS "revokedAt", r.revoked_reason AS "revokedReason",
    r.expires_at AS "expiresAt",
    (SELECT json_agg(json_build_object('name', i.name, 'sha256', i.image_sha256, 'size', b.size, 'format', b.format)
       ORDER BY i.position) FROM release_image i JOIN image b ON b.sha256 = i.image_sha256 WHERE i.release_id = r.id) AS images,
    (SELECT count(DISTINCT unit_id)::int FROM job WHERE release_id = r.id AND state = 'PASSED') AS passed,
    (SELECT count(DISTINCT unit_id)::int FROM job WHERE release_id = r.id AND state = 'FAILED' AND NOT EXISTS (
       SELECT FROM job j WHERE j.unit_id = job.unit_id AND j.release_id = r.id AND j.state = 'PASSED')) AS failed
  FROM release r JOIN product p ON p.id = r.product_id`;

/**
 * A draft that the check refused can never be released: it must keep neither its version nor its counter from the corrected
 * one. What it was stays in the audit.
 */
async function dropRefusedDrafts(
  tx: Sql,
  by: Pick<NewRelease, "version" | "counter"> & { productId: string; actor: string },
): Promise<void> {
  const refused = await tx.query<{ id: string; version: string; checkCode: string }>(
    `WITH gone AS (
       SELECT id, version, counter, check_code FROM release
       WHERE product_id = $1 AND state = 'draft' AND "check" = 'refused' AND (version = $2 OR counter >= $3)
     ), images AS (
       DELETE FROM release_image USING gone WHERE release_id = gone.id
     )
     SELECT id, version, check_code AS "checkCode" FROM gone`,
    [by.productId, by.version, by.counter],
  );
  for (const { id, version, checkCode } of refused) {
    await tx.execute("DELETE FROM release WHERE id = $1", [id]);
    await appendAudit(tx, {
      actor: by.actor,
      action: "release.replace",
      subject: `release ${id}`,
      before: { version, check: "refused", checkCode },
    });
  }
}

export type ReleasesRepository = ReturnType<typeof releasesRepository>;

export function releasesRepository({ sql, transaction }: Database) {
  return {
    releases: (product: string | null) =>
      sql.query<ReleaseRow>(
        `${SELECT} WHERE $1::text IS NULL OR p.name = $1 ORDER BY r.created_at DESC LIMIT 500`,
        [product],
      ),
    async release(
      where: { id: string } | { manifestSha256: string },
    ): Promise<ReleaseRow | undefined> {
      const [column, value] =
        "id" in where ? ["r.id", where.id] : ["r.manifest_sha256", where.manifestSha256];
      return (await sql.query<ReleaseRow>(`${SELECT} WHERE ${column} = $1`, [value]))[0];
    },
    async signed(id: string): Promise<SignedRelease | undefined> {
      const rows = await sql.query<SignedRelease>(
        `SELECT r.manifest, r.signature, r.key_id AS "keyId", r.check, p.chip AS "productChip",
           p.board_revisions AS "boardRevisions"
         FROM release r JOIN product p ON p.id = r.product_id WHERE r.id = $1`,
        [id],
      );
      return rows[0];
    },
    /** Adds a draft and announces its check. One at a time for a product, so that counters only rise. */
    add(release: NewRelease, actor: string): Promise<Added> {
      return transaction(async (tx): Promise<Added> => {
        const [product] = await tx.query<{ id: string }>(
          "SELECT id FROM product WHERE name = $1 FOR UPDATE",
          [release.product],
        );
        if (product === undefined) return { refused: "product", what: release.product };
        await dropRefusedDrafts(tx, { ...release, productId: product.id, actor });
        const [clash] = await tx.query<{ version: string; counter: number }>(
          "SELECT version, counter FROM release WHERE product_id = $1 AND version = $2",
          [product.id, release.version],
        );
        if (clash !== undefined) return { refused: "version", what: release.version };
        const [newest] = await tx.query<{ version: string; counter: number }>(
          "SELECT version, counter FROM release WHERE product_id = $1 AND counter >= $2 ORDER BY counter DESC LIMIT 1",
          [product.id, release.counter],
        );
        if (newest !== undefined) {
          return { refused: "counter", what: `${newest.version} has counter ${newest.counter}` };
        }
        const digests = release.images.map((image) => image.sha256);
        const there = await tx.query<{ sha256: string }>(
          "SELECT sha256 FROM image WHERE sha256 = ANY($1)",
          [digests],
        );
        const missing = digests.find((digest) => !there.some(({ sha256 }) => sha256 === digest));
        if (missing !== undefined) return { refused: "image", what: missing };
        const id = newId();
        await tx.execute(
          `INSERT INTO release (id, product_id, version, counter, chip, board_revisions, manifest, manifest_sha256,
             signature, key_id, expires_at, created_by, recipe)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
          [
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
            actor,
            JSON.stringify(release.recipe),
          ],
        );
        for (const [position, image] of release.images.entries()) {
          await tx.execute(
            "INSERT INTO release_image (release_id, position, name, image_sha256, address) VALUES ($1, $2, $3, $4, $5)",
            [id, position, image.name, image.sha256, image.address],
          );
        }
        await announce(tx, { queue: "release", key: `release-${id}`, payload: { releaseId: id } });
        await appendAudit(tx, {
          actor,
          action: "release.publish",
          subject: `release ${id}`,
          after: {
            product: release.product,
            version: release.version,
            manifestSha256: release.manifestSha256,
          },
        });
        return { id };
      });
    },
    /** Writes what the check found; false when it was written before. */
    settle(
      id: string,
      found: { images: readonly CheckedImage[] } | { code: string; message: string },
    ): Promise<boolean> {
      return transaction(async (tx) => {
        const refused = "code" in found;
        const count = await tx.execute(
          `UPDATE release SET "check" = $2, check_code = $3, check_message = $4 WHERE id = $1 AND "check" = 'pending'`,
          [
            id,
            refused ? "refused" : "passed",
            refused ? found.code : null,
            refused ? found.message : null,
          ],
        );
        if (count === 0) return false;
        for (const image of refused ? [] : found.images) {
          await tx.execute("UPDATE image SET format = $2 WHERE sha256 = $1", [
            image.sha256,
            image.format,
          ]);
        }
        await appendAudit(tx, {
          actor: "system",
          action: "release.check",
          subject: `release ${id}`,
          after: refused ? found : { check: "passed" },
        });
        return true;
      });
    },
    /** False when the release was no longer a checked draft. */
    promote(id: string, actor: string): Promise<boolean> {
      return transaction(async (tx) => {
        const count = await tx.execute(
          `UPDATE release SET state = 'released', released_at = now()
           WHERE id = $1 AND state = 'draft' AND "check" = 'passed' AND (expires_at IS NULL OR expires_at > now())`,
          [id],
        );
        if (count === 0) return false;
        await appendAudit(tx, {
          actor,
          action: "release.promote",
          subject: `release ${id}`,
          before: { state: "draft" },
          after: { state: "released" },
        });
        return true;
      });
    },
    /** False when the release was no longer released. */
    revoke(id: string, reason: string, actor: string): Promise<boolean> {
      return transaction(async (tx) => {
        const count = await tx.execute(
          `UPDATE release SET state = 'revoked', revoked_at = now(), revoked_reason = $2
           WHERE id = $1 AND state = 'released'`,
          [id, reason],
        );
        if (count === 0) return false;
        await appendAudit(tx, {
          actor,
          action: "release.revoke",
          subject: `release ${id}`,
          before: { state: "released" },
          after: { state: "revoked" },
          reason,
        });
        return true;
      });
    },
    /** Announces drafts again whose check was lost with the queue. */
    announceLost(olderThanMs: number): Promise<number> {
      return transaction(async (tx) => {
        const lost = await tx.query<{ id: string }>(
          `SELECT id FROM release WHERE "check" = 'pending' AND created_at < now() - $1 * interval '1 millisecond'
             AND NOT EXISTS (SELECT FROM outbox WHERE key = 'release-' || release.id)`,
          [olderThanMs],
        );
        for (const { id } of lost) {
          await announce(tx, {
            queue: "release",
            key: `release-${id}`,
            payload: { releaseId: id },
          });
        }
        return lost.length;
      });
    },
  };
}
