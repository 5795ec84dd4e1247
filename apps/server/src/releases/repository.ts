import { CanaryView, ReleaseSort, ReleaseView } from "@flashline/contract";
import { z } from "zod";
import { EvidenceColumns } from "../canary/repository.ts";
import { moveChannels } from "../channels/move.ts";
import type { Database } from "../db/database.ts";
import { lockSigner } from "../db/signer.ts";
import {
  columnOf,
  forEachSort,
  isDown,
  orderOfGroups,
  PRODUCTS,
  pageOfGroups,
  way,
} from "../db/sorted.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
import { tallySql } from "../db/tally.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { type Added, addDraft, announceCheck, type NewRelease } from "./add-draft.ts";
import type { CheckedImage } from "./check.ts";
import { moveOrdersTo, ordersBefore } from "./move-orders.ts";
import {
  BEFORE,
  hadSql,
  LOCK_CANARY,
  MOVED,
  NAMED,
  type Named,
  revokeOn,
  subjectOf,
} from "./revoke.ts";

const CanaryColumn = CanaryView.omit({ evidence: true }).extend(EvidenceColumns.shape);
const ReleaseRow = ReleaseView.extend({
  canary: CanaryColumn.nullable(),
  createdAt: z.date(),
  releasedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
  signature: z.string(),
  counterExcepted: z.boolean(),
});
export type ReleaseRow = z.infer<typeof ReleaseRow>;
export interface ReleaseFilter {
  readonly limit: number;
  readonly product?: string | undefined;
  /** The list goes on after this release. */
  readonly after?: string | undefined;
  /** Without: the latest first. */
  readonly sort?: ReleaseSort | undefined;
}
/** What else is done in the transaction of a promotion. */
export interface Promotion {
  readonly moveOrders: boolean;
  readonly channels: readonly string[];
  readonly reason?: string | undefined;
}
const SignedRelease = z.object({
  manifest: z.instanceof(Uint8Array),
  signature: z.string(),
  keyId: z.string(),
  check: z.string(),
  productChip: z.string(),
  boardRevisions: z.array(z.string()),
});
export type SignedRelease = z.infer<typeof SignedRelease>;

const CANARY = `(
  SELECT json_build_object('predecessor', b.version, 'units', c.units, 'used', c.used, 'reason', c.reason, 'startedBy', c.started_by,
           'startedAt', c.started_at, 'pausedBy', c.paused_by, 'pausedAt', c.paused_at, 'pausedOrigin', c.paused_origin,
           'pausedReason', c.paused_reason, 'judged', c.units_judged, 'failed', c.units_failed, 'others', c.others_judged,
           'othersFailed', c.others_failed, 'beside', c.others_beside, 'expected', c.expected, 'values', c.evidence,
           'stations', ARRAY(SELECT s.name FROM station s WHERE s.id = ANY(c.station_ids) ORDER BY s.name),
           'waiting', (SELECT count(*) FROM canary_trial t WHERE t.release_id = c.release_id AND t.is_canary AND t.block IS NULL))
    FROM canary c JOIN release b ON b.id = c.predecessor_id WHERE c.release_id = r.id)`;
/** `page` gives the ids of the releases. */
const releasesSql = (page: string, order = "") => `
SELECT r.id, p.name AS product, r.version, r.counter, r.chip, r.board_revisions AS "boardRevisions", r.state,
       r.check, r.check_code AS "checkCode", r.check_message AS "checkMessage", r.key_id AS "keyId", r.signature, r.recipe,
       r.counter_excepted AS "counterExcepted",
       r.manifest_sha256 AS "manifestSha256", r.created_at AS "createdAt", r.created_by AS "createdBy",
       r.released_at AS "releasedAt", r.revoked_at AS "revokedAt", r.revoked_reason AS "revokedReason",
       r.expires_at AS "expiresAt",
       (SELECT json_agg(json_build_object('name', i.name, 'sha256', i.image_sha256, 'size', b.size, 'format', b.format)
          ORDER BY i.position) FROM release_image i JOIN image b ON b.sha256 = i.image_sha256 WHERE i.release_id = r.id) AS images,
       floor(extract(epoch FROM r.expires_at - now()) / 86400)::int AS "daysLeft", ${CANARY} AS canary, t.passed, t.failed,
       ARRAY(SELECT c.name FROM channel c WHERE c.release_id = r.id ORDER BY c.name) AS channels
  FROM (${page}) page JOIN release r ON r.id = page.id JOIN product p ON p.id = r.product_id ${tallySql("r.id")}
 ${order}`;

const KEYS = {
  created: (r: string) => `${r}.created_at`,
  version: (r: string) => `version_key(${r}.version) COLLATE "C"`,
} as const;
const PAGES = forEachSort(ReleaseSort.options, (sort) => {
  const by = columnOf(sort);
  const down = isDown(sort);
  const names = ["limit", "product", "after"] as const;
  if (by === "product") {
    return statements(names, ReleaseRow, (isGiven) => {
      const groups = `${PRODUCTS}${isGiven("product") ? " WHERE name = :product" : ""}`;
      const page = { groups, table: "release", column: "product_id", down };
      return releasesSql(pageOfGroups({ ...page, isAfter: isGiven("after") }), orderOfGroups(down));
    });
  }
  const key = KEYS[by];
  const { order, behind } = way(key("r"), "r.id", down);
  return statements(names, ReleaseRow, (isGiven) => {
    const where = whereSql([
      isGiven("product") && "r.product_id = (SELECT id FROM product WHERE name = :product)",
      isGiven("after") &&
        behind(`(SELECT ${key("x")} FROM release x WHERE x.id = :after::uuid), :after::uuid`),
    ]);
    return releasesSql(`SELECT r.id FROM release r ${where} ${order} LIMIT :limit`, order);
  });
});
const BY_ID = statement(["id"], ReleaseRow, releasesSql("SELECT :id::uuid AS id"));
const BY_MANIFEST = statement(
  ["manifestSha256"],
  ReleaseRow,
  releasesSql("SELECT id FROM release WHERE manifest_sha256 = :manifestSha256"),
);
const SIGNED = statement(
  ["id"],
  SignedRelease,
  `
SELECT r.manifest, r.signature, r.key_id AS "keyId", r.check, p.chip AS "productChip",
       p.board_revisions AS "boardRevisions"
  FROM release r JOIN product p ON p.id = r.product_id WHERE r.id = :id`,
);
const SETTLE = `
UPDATE release SET "check" = $2, check_code = $3, check_message = $4
 WHERE id = $1 AND "check" = 'pending' RETURNING ${NAMED}`;
const NOTE = `UPDATE release SET check_message = $2 WHERE id = $1 AND "check" = 'pending'`;
const PROMOTE = statement(
  ["id"],
  z.object({ id: z.string() }),
  `
UPDATE release SET state = 'released', released_at = now()
 WHERE id = :id AND state IN ('draft', 'canary') AND "check" = 'passed' AND (expires_at IS NULL OR expires_at > now()) AND NOT counter_excepted
RETURNING id`,
);
/** Against the key too: an order that is entered in this moment holds it. */
const LOCK_DRAFT = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM release WHERE id = :id AND state = 'draft' FOR UPDATE",
);
const WITHDRAW = statement(
  ["id"],
  MOVED.omit({ state: true }).extend({ counter: z.number(), manifestSha256: z.string() }),
  `
WITH draft AS (SELECT id FROM release r WHERE id = :id AND state = 'draft' AND NOT ${hadSql("r")} FOR UPDATE),
images AS (DELETE FROM release_image USING draft WHERE release_id = draft.id)
DELETE FROM release USING draft WHERE release.id = draft.id
RETURNING release.id, version, (SELECT name FROM product WHERE id = product_id) AS product, counter, manifest_sha256 AS "manifestSha256"`,
);
const LOST = statement(
  ["olderThanMs"],
  z.object({ id: z.string() }),
  `
SELECT id FROM release
 WHERE "check" = 'pending' AND created_at < now() - :olderThanMs * interval '1 millisecond'
   AND NOT EXISTS (SELECT FROM outbox WHERE key = 'release-' || release.id)`,
);

export type ReleasesRepository = ReturnType<typeof releasesRepository>;

export function releasesRepository({ sql, transaction }: Database) {
  return {
    releases({ limit, product, after, sort }: ReleaseFilter): Promise<readonly ReleaseRow[]> {
      const values = { limit, product, after };
      return sql.rows(PAGES[sort ?? "-created"](values), values);
    },
    release: (
      where: { id: string } | { manifestSha256: string },
    ): Promise<ReleaseRow | undefined> =>
      "id" in where ? sql.row(BY_ID, where) : sql.row(BY_MANIFEST, where),
    signed: (id: string): Promise<SignedRelease | undefined> => sql.row(SIGNED, { id }),
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
    /**
     * False when the release was no longer a checked draft or a canary that goes on, or its key no longer signs releases. With `moveOrders`
     * the open orders that name its predecessor take it in the same transaction, and so do those that follow one of `channels`.
     */
    promote(id: string, { moveOrders, channels, reason }: Promotion, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const signer = await lockSigner(tx, id);
        if (signer === undefined || signer.revoked || signer.retired) return false;
        await tx.row(LOCK_CANARY, { id });
        const before = await tx.row(BEFORE, { id });
        if (before === undefined || (await tx.row(PROMOTE, { id })) === undefined) return false;
        await recordEvent(tx, {
          kind: "release.released",
          by,
          subject: subjectOf(before),
          before: { state: before.state },
          after: { state: "released" },
          reason,
          data: {},
        });
        const why = reason ?? `promotion of ${before.version}`;
        // Named before the channels' orders are locked, and locked with them: all orders at once, by their ids.
        const orders = moveOrders ? await ordersBefore(tx, id) : [];
        if (channels.length > 0) {
          await moveChannels(
            tx,
            { releaseId: id, names: channels, others: orders, reason: why },
            by,
          );
        }
        await moveOrdersTo(tx, { releaseId: id, orders, reason: why }, by);
        return true;
      });
    },
    /** Of a release that is released. Rejects with `release.*` and `request.invalid`. */
    moveChannels: (id: string, names: readonly string[], reason: string, by: Origin) =>
      transaction((tx) => moveChannels(tx, { releaseId: id, names, reason }, by)),
    /** False when the release was no draft, or orders or units have it. */
    withdraw(id: string, reason: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        // A statement of its own: what takes the draft up while this waits for its row must be seen.
        await tx.row(LOCK_DRAFT, { id });
        const gone = await tx.row(WITHDRAW, { id });
        if (gone === undefined) return false;
        const { product, version, counter, manifestSha256 } = gone;
        await recordEvent(tx, {
          kind: "release.withdrawn",
          by,
          subject: subjectOf(gone),
          reason,
          data: { product, version, counter, manifestSha256 },
        });
        return true;
      });
    },
    /** False when the release was no longer released or a canary, nor a draft that units have. */
    revoke: (id: string, reason: string, by: Origin): Promise<boolean> =>
      transaction((tx) => revokeOn(tx, id, reason, by)),
    /** Announces drafts again whose check was lost with the queue. */
    announceLost(olderThanMs: number): Promise<number> {
      return transaction(async (tx) => {
        const lost = await tx.rows(LOST, { olderThanMs });
        for (const { id } of lost) {
          await announceCheck(tx, id);
        }
        return lost.length;
      });
    },
  };
}
