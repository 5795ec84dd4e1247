import { z } from "zod";
import type { Sql } from "./sql.ts";
import { statement } from "./statement.ts";

const LOCK = statement(
  ["releaseId"],
  z.object({ keyId: z.string(), revoked: z.boolean(), retired: z.boolean() }),
  `
SELECT k.key_id AS "keyId", k.revoked_at IS NOT NULL AS revoked, coalesce(k.retires_at <= now(), false) AS retired
  FROM signing_key k WHERE k.key_id = (SELECT key_id FROM release WHERE id = :releaseId::uuid) FOR SHARE`,
);

/**
 * The key that signed a release. It is locked before everything else by whoever lets units have the release: who revokes a key locks it
 * too, and then looks for what carries its signature.
 */
export const lockSigner = (tx: Sql, releaseId: string) => tx.row(LOCK, { releaseId });
