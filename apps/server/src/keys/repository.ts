import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";

export interface KeyRecord {
  readonly keyId: string;
  readonly publicKey: string;
  readonly revoked: boolean;
}

export type KeysRepository = ReturnType<typeof keysRepository>;

export function keysRepository({ prisma, transaction }: Database) {
  return {
    async key(keyId: string): Promise<KeyRecord | undefined> {
      const found = await prisma.signingKey.findUnique({ where: { keyId } });
      return found === null ? undefined : { ...found, revoked: found.revokedAt !== null };
    },
    add(key: { keyId: string; name: string; publicKey: string }, actor: string): Promise<void> {
      return transaction(async (sql) => {
        await sql.execute(
          "INSERT INTO signing_key (id, key_id, name, public_key) VALUES ($1, $2, $3, $4)",
          [newId(), key.keyId, key.name, key.publicKey],
        );
        await appendAudit(sql, {
          actor,
          action: "key.trust",
          subject: `key ${key.keyId}`,
          after: key,
        });
      });
    },
    revoke(keyId: string, actor: string): Promise<boolean> {
      return transaction(async (sql) => {
        const count = await sql.execute(
          "UPDATE signing_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL",
          [keyId],
        );
        if (count > 0)
          await appendAudit(sql, { actor, action: "key.revoke", subject: `key ${keyId}` });
        return count > 0;
      });
    },
  };
}
