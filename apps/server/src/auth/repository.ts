import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly passwordHash: string;
  readonly disabled: boolean;
}
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Revoked or past its end. */
  readonly over: boolean;
}

export interface StationRecord {
  readonly id: string;
  readonly name: string;
  readonly plantId: string;
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
    savePerson(person: { name: string; role: string; passwordHash: string }, by: Origin) {
      return transaction(async (tx) => {
        const [before] = await tx.query<{ role: string }>(
          "SELECT role FROM person WHERE name = $1 FOR UPDATE",
          [person.name],
        );
        const rows = await tx.query<{ id: string }>(
          `INSERT INTO person (id, name, role, password_hash) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash, disabled_at = NULL
           RETURNING id`,
          [newId(), person.name, person.role, person.passwordHash],
        );
        await tx.execute("DELETE FROM session WHERE person_id = $1", [rows[0]?.id]);
        await recordEvent(tx, {
          kind: before === undefined ? "person.added" : "person.changed",
          by,
          subject: { name: person.name },
          ...(before === undefined ? {} : { before }),
          after: { role: person.role },
          data: {},
        });
      });
    },
    /** False when there is no such person. */
    disablePerson(name: string, by: Origin): Promise<boolean> {
      return transaction(async (tx) => {
        const rows = await tx.query<{ id: string }>(
          "UPDATE person SET disabled_at = now() WHERE name = $1 AND disabled_at IS NULL RETURNING id",
          [name],
        );
        const [person] = rows;
        if (person === undefined) return false;
        await tx.execute("DELETE FROM session WHERE person_id = $1", [person.id]);
        await recordEvent(tx, { kind: "person.disabled", by, subject: { name }, data: {} });
        return true;
      });
    },
    addSession(
      person: { readonly id: string; readonly name: string },
      tokenHash: string,
      expiresAt: Date,
      by: Origin,
    ): Promise<void> {
      const { name } = person;
      return transaction(async (tx) => {
        await tx.execute(
          "INSERT INTO session (id, person_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)",
          [newId(), person.id, tokenHash, expiresAt],
        );
        await recordEvent(tx, {
          kind: "person.logged-in",
          by: provedAs(by, { kind: "person", name }),
          subject: { name },
          data: {},
        });
      });
    },
    /** A log-in that failed, under a name that nobody may have. */
    noteFailedLogin: (name: string, by: Origin): Promise<void> =>
      recordEvent(sql, { kind: "person.log-in-failed", by, subject: { name }, data: {} }),
    async session(tokenHash: string): Promise<{ name: string; role: string } | undefined> {
      const rows = await sql.query<{ name: string; role: string }>(
        `SELECT person.name, person.role FROM session JOIN person ON person.id = session.person_id
         WHERE session.token_hash = $1 AND session.expires_at > now() AND person.disabled_at IS NULL`,
        [tokenHash],
      );
      return rows[0];
    },
    endSession(tokenHash: string, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        const [person] = await tx.query<{ name: string }>(
          `DELETE FROM session USING person WHERE token_hash = $1 AND person.id = session.person_id
           RETURNING person.name`,
          [tokenHash],
        );
        if (person === undefined) return;
        await recordEvent(tx, {
          kind: "person.logged-out",
          by: provedAs(by, { kind: "person", name: person.name }),
          subject: { name: person.name },
          data: {},
        });
      });
    },
    async forgetEnded(): Promise<void> {
      await sql.execute("DELETE FROM session WHERE expires_at < now()");
    },
    addToken(
      token: { name: string; tokenHash: string; scopes: readonly string[]; expiresAt: Date | null },
      by: Origin,
    ) {
      return transaction(async (tx) => {
        const id = newId();
        await tx.execute(
          "INSERT INTO api_token (id, name, token_hash, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)",
          [id, token.name, token.tokenHash, [...token.scopes], token.expiresAt],
        );
        await recordEvent(tx, {
          kind: "token.added",
          by,
          subject: { id, name: token.name },
          data: {
            scopes: [...token.scopes],
            expiresAt: token.expiresAt?.toISOString() ?? null,
          },
        });
      });
    },
    /** How many tokens of this name were revoked now. */
    revokeToken(name: string, by: Origin): Promise<number> {
      return transaction(async (tx) => {
        const revoked = await tx.query<{ id: string }>(
          "UPDATE api_token SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL RETURNING id",
          [name],
        );
        for (const { id } of revoked) {
          await recordEvent(tx, { kind: "token.revoked", by, subject: { id, name }, data: {} });
        }
        return revoked.length;
      });
    },
    async token(tokenHash: string): Promise<TokenRecord | undefined> {
      const rows = await sql.query<TokenRecord>(
        `WITH noted AS (
           UPDATE api_token SET last_used_at = now()
            WHERE token_hash = $1 AND coalesce(last_used_at < now() - $2 * interval '1 ms', true))
         SELECT id, name, scopes, revoked_at IS NOT NULL OR coalesce(expires_at < now(), false) AS over
           FROM api_token WHERE token_hash = $1`,
        [tokenHash, NOTED_MS],
      );
      return rows[0];
    },
    async station(credentialHash: string): Promise<StationRecord | undefined> {
      const rows = await sql.query<StationRecord>(
        `SELECT s.id, s.name, l.plant_id AS "plantId" FROM station s JOIN line l ON l.id = s.line_id
          WHERE s.credential_hash = $1`,
        [credentialHash],
      );
      return rows[0];
    },
  };
}
