import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly passwordHash: string;
  readonly disabled: boolean;
}
export interface TokenRecord {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Revoked or past its end. */
  readonly over: boolean;
}

/** A token's last use is known to within this, milliseconds: a write for every request would cost more than the request. */
const NOTED_MS = 60_000;

export type AuthRepository = ReturnType<typeof authRepository>;

export function authRepository({ sql, prisma, transaction }: Database) {
  return {
    async person(name: string): Promise<PersonRecord | undefined> {
      const found = await prisma.person.findUnique({ where: { name } });
      return found === null ? undefined : { ...found, disabled: found.disabledAt !== null };
    },
    /** Creates the person, or gives an existing one this role and password. Ends their sessions. */
    savePerson(person: { name: string; role: string; passwordHash: string }, actor: string) {
      return transaction(async (tx) => {
        const rows = await tx.query<{ id: string }>(
          `INSERT INTO person (id, name, role, password_hash) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash, disabled_at = NULL
           RETURNING id`,
          [newId(), person.name, person.role, person.passwordHash],
        );
        await tx.execute("DELETE FROM session WHERE person_id = $1", [rows[0]?.id]);
        await appendAudit(tx, {
          actor,
          action: "person.save",
          subject: `person ${person.name}`,
          after: { role: person.role },
        });
      });
    },
    /** False when there is no such person. */
    disablePerson(name: string, actor: string): Promise<boolean> {
      return transaction(async (tx) => {
        const rows = await tx.query<{ id: string }>(
          "UPDATE person SET disabled_at = now() WHERE name = $1 AND disabled_at IS NULL RETURNING id",
          [name],
        );
        const [person] = rows;
        if (person === undefined) return false;
        await tx.execute("DELETE FROM session WHERE person_id = $1", [person.id]);
        await appendAudit(tx, { actor, action: "person.disable", subject: `person ${name}` });
        return true;
      });
    },
    async addSession(personId: string, tokenHash: string, expiresAt: Date): Promise<void> {
      await prisma.session.create({ data: { id: newId(), personId, tokenHash, expiresAt } });
    },
    async session(tokenHash: string): Promise<{ name: string; role: string } | undefined> {
      const rows = await sql.query<{ name: string; role: string }>(
        `SELECT person.name, person.role FROM session JOIN person ON person.id = session.person_id
         WHERE session.token_hash = $1 AND session.expires_at > now() AND person.disabled_at IS NULL`,
        [tokenHash],
      );
      return rows[0];
    },
    async endSession(tokenHash: string): Promise<void> {
      await sql.execute("DELETE FROM session WHERE token_hash = $1", [tokenHash]);
    },
    async forgetEnded(): Promise<void> {
      await sql.execute("DELETE FROM session WHERE expires_at < now()");
    },
    addToken(
      token: { name: string; tokenHash: string; scopes: readonly string[]; expiresAt: Date | null },
      actor: string,
    ) {
      return transaction(async (tx) => {
        await tx.execute(
          "INSERT INTO api_token (id, name, token_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)",
          [newId(), token.name, token.tokenHash, [...token.scopes], token.expiresAt],
        );
        await appendAudit(tx, {
          actor,
          action: "token.add",
          subject: `token ${token.name}`,
          after: { scopes: token.scopes, expiresAt: token.expiresAt },
        });
      });
    },
    /** How many tokens of this name were revoked now. */
    revokeToken(name: string, actor: string): Promise<number> {
      return transaction(async (tx) => {
        const count = await tx.execute(
          "UPDATE api_token SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL",
          [name],
        );
        if (count > 0)
          await appendAudit(tx, { actor, action: "token.revoke", subject: `token ${name}` });
        return count;
      });
    },
    async token(tokenHash: string): Promise<TokenRecord | undefined> {
      const rows = await sql.query<TokenRecord>(
        `WITH noted AS (
           UPDATE api_token SET last_used_at = now()
            WHERE token_hash = $1 AND coalesce(last_used_at < now() - $2 * interval '1 ms', true))
         SELECT name, scopes, revoked_at IS NOT NULL OR coalesce(expires_at < now(), false) AS over
           FROM api_token WHERE token_hash = $1`,
        [tokenHash, NOTED_MS],
      );
      return rows[0];
    },
    async station(credentialHash: string): Promise<{ id: string; name: string } | undefined> {
      const rows = await sql.query<{ id: string; name: string }>(
        "SELECT id, name FROM station WHERE credential_hash = $1",
        [credentialHash],
      );
      return rows[0];
    },
  };
}
