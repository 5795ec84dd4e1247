import { KeyRadius, KeyView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { OPEN_SQL } from "../jobs/moves.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Row = KeyView.extend({
  createdAt: z.date(),
  retiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});
const SELECT = `
SELECT k.key_id AS "keyId", k.name, k.public_key AS "publicKey", k.created_at AS "createdAt", k.retires_at AS "retiresAt",
       k.revoked_at AS "revokedAt", k.revoked_reason AS "revokedReason",
       CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.retires_at <= now() THEN 'retired'
            WHEN k.retires_at IS NOT NULL THEN 'retiring' ELSE 'trusted' END AS state,
       (SELECT count(*)::int FROM release r WHERE r.key_id = k.key_id AND r.state = 'released') AS released,
       (SELECT count(*)::int FROM release r WHERE r.key_id = k.key_id AND r.state IN ('draft', 'canary', 'paused')) AS unreleased
  FROM signing_key k`;
const KEY = statement(["keyId"], Row, `${SELECT} WHERE k.key_id = :keyId`);
const KEYS = statement([], Row, `${SELECT} ORDER BY k.created_at DESC, k.key_id`);

const Hit = KeyRadius.pick({ others: true, releases: true, drafts: true });
const RADIUS = statement(
  ["keyId"],
  Hit,
  `
WITH own AS (SELECT r.id, r.version, r.state, p.name AS product FROM release r JOIN product p ON p.id = r.product_id WHERE r.key_id = :keyId)
SELECT (SELECT count(*)::int FROM signing_key k WHERE k.key_id <> :keyId AND k.revoked_at IS NULL
           AND (k.retires_at IS NULL OR k.retires_at > now())) AS others,
       coalesce((SELECT json_agg(json_build_object('id', r.id, 'product', r.product, 'version', r.version, 'state', r.state,
           'passed', coalesce((SELECT sum(t.passed)::int FROM tally t WHERE t.scope = r.id), 0),
           'inWork', (SELECT count(*) FROM job j WHERE j.release_id = r.id AND j.state IN (${OPEN_SQL})),
           'channels', ARRAY(SELECT c.name FROM channel c WHERE c.release_id = r.id ORDER BY c.name),
           'orders', coalesce((SELECT json_agg(json_build_object('number', w.number, 'left', greatest(w.quantity - w.used, 0),
               'stations', ARRAY(SELECT s.name FROM station_order so JOIN station s ON s.id = so.station_id
                  WHERE so.work_order_id = w.id ORDER BY s.name)) ORDER BY w.number)
             FROM work_order w WHERE w.release_id = r.id AND w.state = 'open'), '[]')) ORDER BY r.product, r.version)
          FROM own r WHERE r.state IN ('canary', 'paused', 'released')), '[]') AS releases,
       coalesce((SELECT json_agg(json_build_object('id', r.id, 'product', r.product, 'version', r.version) ORDER BY r.product, r.version)
          FROM own r WHERE r.state = 'draft'), '[]') AS drafts`,
);

const ADD = statement(
  ["id", "keyId", "name", "publicKey"],
  z.object({}),
  `INSERT INTO signing_key (id, key_id, name, public_key) VALUES (:id::uuid, :keyId, :name, :publicKey)`,
);
const LOCK = statement(
  ["keyId"],
  z.object({ name: z.string(), retiresAt: z.date().nullable(), revokedAt: z.date().nullable() }),
  `SELECT name, retires_at AS "retiresAt", revoked_at AS "revokedAt" FROM signing_key WHERE key_id = :keyId FOR NO KEY UPDATE`,
);
const RETIRE = statement(
  ["keyId", "at", "now"],
  z.object({ retiresAt: z.date().nullable() }),
  `UPDATE signing_key SET retires_at = CASE WHEN :now::boolean THEN now() ELSE :at::timestamptz END WHERE key_id = :keyId
   RETURNING retires_at AS "retiresAt"`,
);
const REVOKE = statement(
  ["keyId", "reason"],
  z.object({}),
  `UPDATE signing_key SET revoked_at = now(), revoked_reason = :reason WHERE key_id = :keyId`,
);
/** By id: who takes several takes them in this order. Of drafts only those that units have are revoked. */
const CARRIERS = statement(
  ["keyId"],
  z.object({ id: z.string() }),
  `SELECT id FROM release WHERE key_id = :keyId AND state IN ('draft', 'canary', 'paused', 'released') ORDER BY id`,
);

const viewOf = (row: z.infer<typeof Row>): KeyView => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  retiresAt: row.retiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

const NOTHING = { others: 0, releases: [], drafts: [] };
const hitsOf = async (sql: Sql, keyId: string) => (await sql.row(RADIUS, { keyId })) ?? NOTHING;

/** When a key retires. */
export type Retirement = { readonly now: true } | { readonly at: Date | null };

export type KeysRepository = ReturnType<typeof keysRepository>;

/** Revokes a release on a connection that is in a transaction. */
export type RevokeRelease = (
  tx: Sql,
  releaseId: string,
  reason: string,
  by: Origin,
) => Promise<unknown>;

export function keysRepository({ sql, transaction }: Database, revokeRelease: RevokeRelease) {
  const read = async (keyId: string): Promise<KeyView | undefined> => {
    const found = await sql.row(KEY, { keyId });
    return found === undefined ? undefined : viewOf(found);
  };
  return {
    key: read,
    /** The latest first. */
    async keys(): Promise<KeyView[]> {
      return (await sql.rows(KEYS, {})).map(viewOf);
    },
    hits: (keyId: string) => hitsOf(sql, keyId),
    add(key: { keyId: string; name: string; publicKey: string }, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        await tx.row(ADD, { id: newId(), ...key });
        await recordEvent(tx, {
          kind: "key.trusted",
          by,
          subject: { id: key.keyId, name: key.name },
          data: { publicKey: key.publicKey },
        });
      });
    },
    /** False when there is no such key, or it was revoked. */
    retire(keyId: string, to: Retirement, reason: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const key = await tx.row(LOCK, { keyId });
        if (key === undefined || key.revokedAt !== null) return false;
        const now = "now" in to;
        const after = await tx.row(RETIRE, { keyId, now, at: now ? null : to.at });
        await recordEvent(tx, {
          kind: "key.retirement-set",
          by,
          subject: { id: keyId, name: key.name },
          before: { retiresAt: key.retiresAt?.toISOString() ?? null },
          after: { retiresAt: after?.retiresAt?.toISOString() ?? null },
          reason,
          data: {},
        });
        return true;
      });
    },
    /**
     * The key and what carries its signature, in one transaction: what it hit, undefined where it was revoked before or does not exist. The
     * key's row is locked first. Who promotes a release holds it too, so that none comes out meanwhile.
     */
    revoke(keyId: string, reason: string, by: Origin) {
      return transaction(async (tx) => {
        const key = await tx.row(LOCK, { keyId });
        if (key === undefined || key.revokedAt !== null) return undefined;
        const hits = await hitsOf(tx, keyId);
        await tx.rows(REVOKE, { keyId, reason });
        const named = ({ product, version }: { product: string; version: string }) =>
          `${product} ${version}`;
        await recordEvent(tx, {
          kind: "key.revoked",
          by,
          subject: { id: keyId, name: key.name },
          reason,
          data: { releases: hits.releases.map(named), drafts: hits.drafts.map(named) },
        });
        for (const { id } of await tx.rows(CARRIERS, { keyId })) {
          await revokeRelease(tx, id, `key ${keyId} was revoked: ${reason}`, by);
        }
        return hits;
      });
    },
  };
}
