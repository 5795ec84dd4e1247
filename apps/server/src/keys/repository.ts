import { KeyView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Row = z.object({
  ...KeyView.shape,
  createdAt: z.date(),
  revokedAt: z.date().nullable(),
});
const SELECT = `
SELECT k.key_id AS "keyId", k.name, k.public_key AS "publicKey", k.created_at AS "createdAt", k.revoked_at AS "revokedAt",
       (SELECT count(*)::int FROM release r WHERE r.key_id = k.key_id AND r.state = 'released') AS released
  FROM signing_key k`;
const KEY = statement(["keyId"], Row, `${SELECT} WHERE k.key_id = :keyId`);
const KEYS = statement([], Row, `${SELECT} ORDER BY k.created_at DESC, k.key_id`);

const ADD = statement(
  ["id", "keyId", "name", "publicKey"],
  z.object({}),
  `INSERT INTO signing_key (id, key_id, name, public_key) VALUES (:id::uuid, :keyId, :name, :publicKey)`,
);
const REVOKE = statement(
  ["keyId"],
  z.object({ name: z.string() }),
  `UPDATE signing_key SET revoked_at = now() WHERE key_id = :keyId AND revoked_at IS NULL RETURNING name`,
);

const viewOf = ({ createdAt, revokedAt, ...same }: z.infer<typeof Row>): KeyView => ({
  ...same,
  createdAt: createdAt.toISOString(),
  revokedAt: revokedAt?.toISOString() ?? null,
});

export type KeysRepository = ReturnType<typeof keysRepository>;

export function keysRepository({ sql, transaction }: Database) {
  return {
    async key(keyId: string): Promise<KeyView | undefined> {
      const found = await sql.row(KEY, { keyId });
      return found === undefined ? undefined : viewOf(found);
    },
    /** The latest first. */
    async keys(): Promise<KeyView[]> {
      return (await sql.rows(KEYS, {})).map(viewOf);
    },
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
    /** False when it is not trusted. */
    revoke(keyId: string, reason: string | undefined, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const key = await tx.row(REVOKE, { keyId });
        if (key === undefined) return false;
        const subject = { id: keyId, name: key.name };
        await recordEvent(tx, { kind: "key.revoked", by, subject, reason, data: {} });
        return true;
      });
    },
  };
}
