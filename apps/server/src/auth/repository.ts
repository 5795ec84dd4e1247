import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Person = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  passwordHash: z.string().nullable(),
  disabled: z.boolean(),
});
export type PersonRecord = Readonly<z.infer<typeof Person>>;

const PERSON = statement(
  ["name"],
  Person,
  `SELECT id, name, role, password_hash AS "passwordHash", disabled_at IS NOT NULL AS disabled
     FROM person WHERE name = :name`,
);

/**
 * Of nobody who is disabled, nor by a password that was changed meanwhile. The lock lets who disables the person or changes the
 * password wait, and find the session.
 */
const ADD_SESSION = statement(
  ["id", "personId", "passwordHash", "tokenHash", "expiresAt", "address"],
  z.object({ id: z.string() }),
  `
INSERT INTO session (id, person_id, token_hash, expires_at, address)
SELECT :id::uuid, p.id, :tokenHash, :expiresAt::timestamptz, :address
  FROM person p WHERE p.id = :personId::uuid AND p.disabled_at IS NULL
   AND (:passwordHash::text IS NULL OR p.password_hash = :passwordHash) FOR SHARE
RETURNING id`,
);

/** Whoever takes an identity away holds the person: this waits, and the next statement sees what became of it. */
const HOLD_PERSON = statement(
  ["personId"],
  z.object({ id: z.string() }),
  "SELECT id FROM person WHERE id = :personId::uuid FOR SHARE",
);
const IDENTITY = statement(
  ["personId", "issuer", "subject"],
  z.object({ issuer: z.string() }),
  `SELECT issuer FROM person_identity WHERE person_id = :personId::uuid AND issuer = :issuer AND subject = :subject`,
);

/** How exactly it is known when a token or a session was used last, milliseconds: a write for every request would cost more than the request. */
const NOTED_MS = 60_000;

const SESSION = statement(
  ["tokenHash"],
  z.object({ id: z.string(), sessionId: z.string(), name: z.string(), role: z.string() }),
  `
WITH noted AS (
  UPDATE session SET last_used_at = now()
   WHERE token_hash = :tokenHash AND last_used_at < now() - ${NOTED_MS} * interval '1 ms')
SELECT p.id, s.id AS "sessionId", p.name, p.role FROM session s JOIN person p ON p.id = s.person_id
 WHERE s.token_hash = :tokenHash AND s.expires_at > now() AND p.disabled_at IS NULL`,
);

const END_SESSION = statement(
  ["tokenHash"],
  z.object({ name: z.string() }),
  `DELETE FROM session s USING person p WHERE s.token_hash = :tokenHash AND p.id = s.person_id RETURNING p.name`,
);

const TOKEN = statement(
  ["tokenHash"],
  z.object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    /** Revoked or past its end. */
    over: z.boolean(),
  }),
  `
WITH noted AS (
  UPDATE api_token SET last_used_at = now()
   WHERE token_hash = :tokenHash AND coalesce(last_used_at < now() - ${NOTED_MS} * interval '1 ms', true))
SELECT id, name, scopes, revoked_at IS NOT NULL OR coalesce(expires_at < now(), false) AS over
  FROM api_token WHERE token_hash = :tokenHash`,
);

const STATION = statement(
  ["credentialHash"],
  z.object({ id: z.string(), name: z.string(), plantId: z.string() }),
  `
SELECT s.id, s.name, l.plant_id AS "plantId" FROM station s JOIN line l ON l.id = s.line_id
 WHERE s.credential_hash = :credentialHash`,
);

/** A session that a log-in opens. */
export interface NewSession {
  readonly personId: string;
  /** What the password was held against; null where a provider proved the person. */
  readonly passwordHash: string | null;
  /** By which the provider proved the person; null where a password did. */
  readonly identity: { readonly issuer: string; readonly subject: string } | null;
  readonly tokenHash: string;
  readonly expiresAt: Date;
}

export type AuthRepository = ReturnType<typeof authRepository>;

export function authRepository({ sql, transaction }: Database) {
  return {
    person: (name: string) => sql.row(PERSON, { name }),
    /**
     * Its id; undefined where the person was disabled, or got another password, meanwhile. Rejects with `auth.not_proved` where the identity was
     * taken away from them.
     */
    addSession(
      { identity, ...session }: NewSession,
      name: string,
      by: Origin,
    ): Promise<string | undefined> {
      return transaction(async (tx) => {
        const { personId } = session;
        if (identity !== null) {
          await tx.row(HOLD_PERSON, { personId });
          const { issuer, subject } = identity;
          const known = await tx.row(IDENTITY, { personId, issuer, subject });
          if (known === undefined) throw new FlashlineError("auth.not_proved");
        }
        const { address } = by;
        const added = await tx.row(ADD_SESSION, { id: newId(), ...session, address });
        if (added === undefined) return undefined;
        await recordEvent(tx, {
          kind: "person.logged-in",
          by: provedAs(by, { kind: "person", name }),
          subject: { name },
          data: {},
        });
        return added.id;
      });
    },
    /** A log-in that failed, under a name that nobody may have. */
    noteFailedLogin: (name: string, by: Origin): Promise<void> =>
      recordEvent(sql, { kind: "person.log-in-failed", by, subject: { name }, data: {} }),
    /** Somebody came back from a provider without a proof of who they are. */
    noteUnproved: (code: string, by: Origin): Promise<void> =>
      recordEvent(sql, { kind: "person.log-in-unproved", by, subject: {}, data: { code } }),
    /** Somebody proved who they are and was not let in. */
    noteRefused: (name: string, code: string, by: Origin): Promise<void> =>
      recordEvent(sql, {
        kind: "person.log-in-refused",
        by,
        subject: { name },
        data: { code },
      }),
    session: (tokenHash: string) => sql.row(SESSION, { tokenHash }),
    endSession(tokenHash: string, by: Origin): Promise<void> {
      return transaction(async (tx) => {
        const person = await tx.row(END_SESSION, { tokenHash });
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
    token: (tokenHash: string) => sql.row(TOKEN, { tokenHash }),
    station: (credentialHash: string) => sql.row(STATION, { credentialHash }),
  };
}
