import { FlashlineError, Role, TokenView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Row = z.object({
  ...TokenView.shape,
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  lastUsedAt: z.date().nullable(),
});

const COLUMNS = `t.id, t.name, t.scopes, t.created_by AS "createdBy", t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.revoked_at AS "revokedAt", t.last_used_at AS "lastUsedAt",
  CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' ELSE 'valid' END AS state`;

const LIST = statement(
  ["state", "personId", "after", "limit"],
  Row,
  `
SELECT ${COLUMNS} FROM api_token t
 WHERE (:state = 'all' OR t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true))
   AND (:personId::uuid IS NULL OR t.person_id = :personId::uuid)
   AND (:after::uuid IS NULL OR t.id < :after::uuid)
 ORDER BY t.id DESC LIMIT :limit`,
);

/**
 * A token that a token makes is of the same person, and ends with that person's others. No row where the person was disabled
 * meanwhile, or is no admin any more, nor where the token that makes it was revoked: who has a stolen one would have another one.
 */
const ADD = statement(
  ["id", "name", "tokenHash", "scopes", "expiresAt", "personId", "tokenId", "createdBy"],
  Row,
  `
WITH owner AS (
  SELECT coalesce(:personId::uuid, (SELECT person_id FROM api_token WHERE id = :tokenId::uuid)) AS id
), token AS (
  SELECT FROM api_token t WHERE t.id = :tokenId::uuid AND t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true) FOR SHARE OF t
), maker AS (
  SELECT FROM person p, owner WHERE p.id = owner.id AND p.disabled_at IS NULL AND p.role = '${Role.Admin}' FOR SHARE OF p
)
INSERT INTO api_token AS t (id, name, token_hash, scopes, expires_at, person_id, created_by)
SELECT :id::uuid, :name, :tokenHash, :scopes::text[], :expiresAt::timestamptz, owner.id, :createdBy
  FROM owner WHERE (owner.id IS NULL OR EXISTS (SELECT FROM maker)) AND (:tokenId::uuid IS NULL OR EXISTS (SELECT FROM token))
RETURNING ${COLUMNS}`,
);

const REVOKE = statement(
  ["idOrName"],
  Row,
  `
UPDATE api_token t SET revoked_at = now() WHERE (t.id::text = lower(:idOrName) OR t.name = :idOrName) AND t.revoked_at IS NULL
RETURNING ${COLUMNS}`,
);

const REVOKED = statement(
  ["idOrName"],
  Row,
  `SELECT ${COLUMNS} FROM api_token t WHERE t.id::text = lower(:idOrName) OR t.name = :idOrName`,
);

const viewOf = ({ createdAt, expiresAt, revokedAt, lastUsedAt, ...same }: z.infer<typeof Row>) => ({
  ...same,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

export interface NewToken {
  readonly name: string;
  readonly tokenHash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  /** Who makes it, where that is a person. */
  readonly personId: string | null;
  /** With which token it is made, where it is made with one. */
  readonly tokenId: string | null;
  readonly reason?: string | undefined;
}

export type TokensRepository = ReturnType<typeof tokensRepository>;

export function tokensRepository({ sql, transaction }: Database) {
  return {
    async list(filter: {
      readonly state: "valid" | "all";
      readonly personId?: string;
      readonly after?: string | undefined;
      readonly limit: number;
    }): Promise<TokenView[]> {
      const { state, personId = null, after = null, limit } = filter;
      return (await sql.rows(LIST, { state, personId, after, limit })).map(viewOf);
    },
    /** Rejects with `auth.revoked` where the person who makes it may not any more. */
    add({ reason, ...token }: NewToken, by: Origin): Promise<TokenView> {
      return transaction(async (tx) => {
        const { name, scopes, expiresAt } = token;
        const createdBy = actorOf(by);
        const added = await tx.row(ADD, { id: newId(), ...token, scopes: [...scopes], createdBy });
        if (added === undefined) throw new FlashlineError("auth.revoked");
        await recordEvent(tx, {
          kind: "token.added",
          by,
          subject: { id: added.id, name },
          reason,
          data: { scopes: [...scopes], expiresAt: expiresAt?.toISOString() ?? null },
        });
        return viewOf(added);
      });
    },
    /** Those that were revoked now; where none was, those that are revoked already. Empty: there is no such token. */
    revoke(
      idOrName: string,
      reason: string | undefined,
      by: Origin,
    ): Promise<{ readonly now: number; readonly tokens: TokenView[] }> {
      return transaction(async (tx) => {
        const revoked = await tx.rows(REVOKE, { idOrName });
        for (const { id, name } of revoked) {
          const subject = { id, name };
          await recordEvent(tx, { kind: "token.revoked", by, subject, reason, data: {} });
        }
        const tokens = revoked.length > 0 ? revoked : await tx.rows(REVOKED, { idOrName });
        return { now: revoked.length, tokens: tokens.map(viewOf) };
      });
    },
  };
}
