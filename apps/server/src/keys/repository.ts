import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

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
    add(key: { keyId: string; name: string; publicKey: string }, by: Origin): Promise<void> {
      return transaction(async (sql) => {
        await sql.execute(
          "INSERT INTO signing_key (id, key_id, name, public_key) VALUES ($1, $2, $3, $4)",
          [newId(), key.keyId, key.name, key.publicKey],
        );
        await recordEvent(sql, {
          kind: "key.trusted",
          by,
          subject: { id: key.keyId, name: key.name },
          data: { publicKey: key.publicKey },
        });
      });
    },
    revoke(keyId: string, by: Origin): Promise<boolean> {
      return transaction(async (sql) => {
        const [key] = await sql.query<{ name: string }>(
          "UPDATE signing_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL RETURNING name",
          [keyId],
        );
        if (key === undefined) return false;
        const subject = { id: keyId, name: key.name };
        await recordEvent(sql, { kind: "key.revoked", by, subject, data: {} });
        return true;
      });
    },
  };
}
