import { FlashlineError, isCode, Role, TokenScope } from "@flashline/contract";
import type { Caller, PersonCaller } from "../http/caller.ts";
import { SESSION_MS } from "../http/session-cookie.ts";
import type { Origin } from "../ledger/origin.ts";
import { isPassword } from "./passwords.ts";
import type { AuthRepository, NewSession, PersonRecord } from "./repository.ts";
import { hashSecret, kindOf, newSecret, SecretKind } from "./secrets.ts";

/** How long a station's credential is believed without asking the database again. A revocation is told over the bus. */
const STATION_CACHE_MS = 15_000;

/** Throws `request.invalid` when the text names no role. */
export const roleOf = (text: string): Role => {
  const role = Object.values(Role).find((known) => known === text);
  if (role === undefined) {
    throw new FlashlineError(
      "request.invalid",
      `There is no role ${text}. Roles: ${Object.values(Role).join(", ")}.`,
      { parameters: { role: text } },
    );
  }
  return role;
};
/** Throws `request.invalid` when the text names no scope. */
export const scopeOf = (text: string): TokenScope => {
  const scope = Object.values(TokenScope).find((known) => known === text);
  if (scope === undefined) {
    throw new FlashlineError(
      "request.invalid",
      `There is no scope ${text}. Scopes: ${Object.values(TokenScope).join(", ")}.`,
      { parameters: { scope: text } },
    );
  }
  return scope;
};

export type AuthService = ReturnType<typeof authService>;

/** Who is behind a secret, and log-ins that make one. */
export function authService(repository: AuthRepository, now: () => number = Date.now) {
  const stations = new Map<string, { readonly caller: Caller; readonly until: number }>();

  async function stationOf(secret: string): Promise<Caller> {
    const key = hashSecret(secret);
    const known = stations.get(key);
    if (known !== undefined && known.until > now()) return known.caller;
    const station = await repository.station(key);
    if (station === undefined) {
      stations.delete(key);
      throw new FlashlineError("auth.revoked");
    }
    const { id, name, plantId } = station;
    const caller: Caller = { kind: "station", stationId: id, name, plantId };
    stations.set(key, { caller, until: now() + STATION_CACHE_MS });
    return caller;
  }

  async function tokenOf(secret: string): Promise<Caller> {
    const token = await repository.token(hashSecret(secret));
    if (token === undefined) throw new FlashlineError("auth.required");
    if (token.over) throw new FlashlineError("auth.revoked");
    const { id, name, scopes } = token;
    return { kind: "token", tokenId: id, name, scopes: scopes.map(scopeOf) };
  }

  /** Rejects with `auth.no_pages` for an operator, and with `auth.wrong` where the person was disabled, or got another password, meanwhile. */
  async function open(
    person: Pick<PersonRecord, "id" | "name" | "role">,
    proof: Pick<NewSession, "passwordHash" | "identity">,
    by: Origin,
  ): Promise<{ secret: string; caller: PersonCaller }> {
    const role = roleOf(person.role);
    if (role === Role.Operator) throw new FlashlineError("auth.no_pages");
    const { id, name } = person;
    const secret = newSecret(SecretKind.Session);
    const expiresAt = new Date(now() + SESSION_MS);
    const sessionId = await repository.addSession(
      { personId: id, ...proof, tokenHash: hashSecret(secret), expiresAt },
      name,
      by,
    );
    if (sessionId === undefined) throw new FlashlineError("auth.wrong");
    return { secret, caller: { kind: "person", id, sessionId, name, role } };
  }

  return {
    /**
     * Rejects with `auth.wrong`, in the same time for a wrong name and a wrong password, and with `auth.no_pages` for an operator
     * who knows the password.
     */
    async login(name: string, password: string, by: Origin) {
      const person = await repository.person(name);
      const passwordHash = person?.passwordHash ?? null;
      const right = await isPassword(passwordHash, password);
      if (!right || passwordHash === null || person === undefined || person.disabled) {
        throw new FlashlineError("auth.wrong");
      }
      try {
        return await open(person, { passwordHash, identity: null }, by);
      } catch (error) {
        if (isCode(error, "auth.no_pages")) await repository.noteRefused(name, "auth.no_pages", by);
        throw error;
      }
    },
    /**
     * A session for whom a provider proved. Rejects with `auth.no_pages`, with `auth.disabled` where the person was disabled meanwhile, and with
     * `auth.not_proved` where the identity was unlinked.
     */
    async openAs(
      person: Pick<PersonRecord, "id" | "name" | "role">,
      identity: NonNullable<NewSession["identity"]>,
      by: Origin,
    ) {
      try {
        return await open(person, { passwordHash: null, identity }, by);
      } catch (error) {
        throw isCode(error, "auth.wrong") ? new FlashlineError("auth.disabled") : error;
      }
    },
    logout: (secret: string, by: Origin) => repository.endSession(hashSecret(secret), by),
    /** Null when the session ended. */
    async session(secret: string): Promise<PersonCaller | null> {
      const found = await repository.session(hashSecret(secret));
      if (found === undefined) return null;
      return { kind: "person", ...found, role: roleOf(found.role) };
    },
    /**
     * Rejects with `auth.required` for a secret that was never given to anybody, and with `auth.revoked` for one that is no
     * longer valid.
     */
    bearer(secret: string): Promise<Caller> {
      switch (kindOf(secret)) {
        case SecretKind.Station:
          return stationOf(secret);
        case SecretKind.ApiToken:
          return tokenOf(secret);
        case SecretKind.Enrollment:
        case SecretKind.Session:
        case undefined:
          return Promise.reject(new FlashlineError("auth.required"));
      }
    },
    /** Credentials changed somewhere: ask the database again. */
    forgetStations: () => stations.clear(),
    forgetEnded: () => repository.forgetEnded(),
  };
}
