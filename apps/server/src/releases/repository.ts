import type { ReleaseView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { tallySql } from "../db/tally.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { type Added, addDraft, announceCheck, type NewRelease } from "./add-draft.ts";
import type { CheckedImage } from "./check.ts";

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
export interface ReleaseFilter {
  readonly limit: number;
  readonly product?: string | undefined;
  /** The list goes on after this release. */
  readonly after?: string | undefined;
}
export interface SignedRelease {
  readonly manifest: Uint8Array;
  readonly signature: string;
  readonly keyId: string;
  readonly check: string;
  readonly productChip: string;
  readonly boardRevisions: readonly string[];
}

const SELECT = `SELECT r.id, p.name AS product, r.version, r.counter, r.chip, r.board_revisions AS "boardRevisions", r.state,
    r.check, r.check_code AS "checkCode", r.check_message AS "checkMessage", r.key_id AS "keyId", r.signature, r.recipe,
    r.manifest_sha256 AS "manifestSha256", r.created_at AS "createdAt", r.created_by AS "createdBy",
    r.released_at AS "releasedAt", r.revoked_at AS "revokedAt", r.revoked_reason AS "revokedReason",
    r.expires_at AS "expiresAt",
    (SELECT json_agg(json_build_object('name', i.name, 'sha256', i.image_sha256, 'size', b.size, 'format', b.format)
       ORDER BY i.position) FROM release_image i JOIN image b ON b.sha256 = i.image_sha256 WHERE i.release_id = r.id) AS images,
    t.passed, t.failed
  FROM release r JOIN product p ON p.id = r.product_id ${tallySql("r.id")}`;
const LATEST_FIRST = "ORDER BY r.created_at DESC, r.id DESC";

/** One text for each set of filters, so that PostgreSQL plans each with its own index. */
function pageOf({ limit, product, after }: ReleaseFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [limit];
  const take = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (product !== undefined) {
    conditions.push(`r.product_id = (SELECT id FROM product WHERE name = ${take(product)})`);
  }
  if (after !== undefined) {
    const id = `${take(after)}::uuid`;
    conditions.push(
      `(r.created_at, r.id) < ((SELECT created_at FROM release WHERE id = ${id}), ${id})`,
    );
  }
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const text = `${SELECT} WHERE r.id IN (SELECT r.id FROM release r ${where} ${LATEST_FIRST} LIMIT $1) ${LATEST_FIRST}`;
  return { text, values };
}

const SIGNED = `
SELECT r.manifest, r.signature, r.key_id AS "keyId", r.check, p.chip AS "productChip",
       p.board_revisions AS "boardRevisions"
  FROM release r JOIN product p ON p.id = r.product_id WHERE r.id = $1`;
/** How an event calls a release: "PSU-40 1.0.0". */
interface Named {
  readonly id: string;
  readonly version: string;
  readonly product: string;
}
const subjectOf = ({ id, product, version }: Named) => ({ id, name: `${product} ${version}` });
const NAMED = `id, version, (SELECT name FROM product WHERE id = product_id) AS product`;
const SETTLE = `
UPDATE release SET "check" = $2, check_code = $3, check_message = $4
 WHERE id = $1 AND "check" = 'pending' RETURNING ${NAMED}`;
const NOTE = `UPDATE release SET check_message = $2 WHERE id = $1 AND "check" = 'pending'`;
const PROMOTE = `
UPDATE release SET state = 'released', released_at = now()
 WHERE id = $1 AND state = 'draft' AND "check" = 'passed' AND (expires_at IS NULL OR expires_at > now())
RETURNING ${NAMED}`;
const REVOKE = `
UPDATE release SET state = 'revoked', revoked_at = now(), revoked_reason = $2
 WHERE id = $1 AND state = 'released' RETURNING ${NAMED}`;
/** $1 milliseconds. */
const LOST = `
SELECT id FROM release
 WHERE "check" = 'pending' AND created_at < now() - $1 * interval '1 millisecond'
   AND NOT EXISTS (SELECT FROM outbox WHERE key = 'release-' || release.id)`;

export type ReleasesRepository = ReturnType<typeof releasesRepository>;

export function releasesRepository({ sql, transaction }: Database) {
  return {
    releases(filter: ReleaseFilter) {
      const { text, values } = pageOf(filter);
      return sql.query<ReleaseRow>(text, values);
    },
    async release(
      where: { id: string } | { manifestSha256: string },
    ): Promise<ReleaseRow | undefined> {
      const [column, value] =
        "id" in where ? ["r.id", where.id] : ["r.manifest_sha256", where.manifestSha256];
      return (await sql.query<ReleaseRow>(`${SELECT} WHERE ${column} = $1`, [value]))[0];
    },
    async signed(id: string): Promise<SignedRelease | undefined> {
      return (await sql.query<SignedRelease>(SIGNED, [id]))[0];
    },
    add: (release: NewRelease, by: Origin): Promise<Added> =>
      transaction((tx) => addDraft(tx, release, by)),
    /** Writes what the check found; false when it was written before. */
    settle(
      id: string,
      found: { images: readonly CheckedImage[] } | { code: string; message: string },
    ): Promise<boolean> {
      return transaction(async (tx) => {
        const refused = "code" in found;
        const [settled] = await tx.query<Named>(SETTLE, [
          id,
          refused ? "refused" : "passed",
          refused ? found.code : null,
          refused ? found.message : null,
        ]);
        if (settled === undefined) return false;
        for (const image of refused ? [] : found.images) {
          await tx.execute("UPDATE image SET format = $2 WHERE sha256 = $1", [
            image.sha256,
            image.format,
          ]);
        }
        await recordEvent(tx, {
          kind: "release.checked",
          by: ofServer("release check"),
          subject: subjectOf(settled),
          data: refused
            ? { check: "refused", code: found.code, message: found.message }
            : { check: "passed", code: null, message: null },
        });
        return true;
      });
    },
    /** Why a check could not be made yet; it is still to be made. */
    async note(id: string, why: string): Promise<void> {
      await sql.execute(NOTE, [id, why]);
    },
    /** False when the release was no longer a checked draft. */
    promote(id: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const [promoted] = await tx.query<Named>(PROMOTE, [id]);
        if (promoted === undefined) return false;
        await recordEvent(tx, {
          kind: "release.released",
          by,
          subject: subjectOf(promoted),
          before: { state: "draft" },
          after: { state: "released" },
          data: {},
        });
        return true;
      });
    },
    /** False when the release was no longer released. */
    revoke(id: string, reason: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const [revoked] = await tx.query<Named>(REVOKE, [id, reason]);
        if (revoked === undefined) return false;
        await recordEvent(tx, {
          kind: "release.revoked",
          by,
          subject: subjectOf(revoked),
          before: { state: "released" },
          after: { state: "revoked" },
          reason,
          data: {},
        });
        return true;
      });
    },
    /** Announces drafts again whose check was lost with the queue. */
    announceLost(olderThanMs: number): Promise<number> {
      return transaction(async (tx) => {
        const lost = await tx.query<{ id: string }>(LOST, [olderThanMs]);
        for (const { id } of lost) {
          await announceCheck(tx, id);
        }
        return lost.length;
      });
    },
  };
}
