import { FlashlineError, Role, TokenScope } from "@flashline/contract";
import { hash, verify } from "@node-rs/argon2";
import type { Caller, PersonCaller } from "../http/caller.ts";
import type { Origin } from "../ledger/origin.ts";
import type { AuthRepository } from "./repository.ts";
import { hashSecret, kindOf, newSecret, SecretKind } from "./secrets.ts";

/** A working day; after it people log in again. */
export const SESSION_MS = 12 * 3_600_000;
/** How long a station's credential is believed without asking the database again. A revocation is told over the bus. */
const STATION_CACHE_MS = 15_000;
const MIN_PASSWORD = 10;

/** argon2id with the parameters of OWASP's password storage guide: 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const roleOf = (text: string): Role => {
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
const scopeOf = (text: string): TokenScope => {
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

export function authService(repository: AuthRepository, now: () => number = Date.now) {
  const stations = new Map<string, { readonly caller: Caller; readonly until: number }>();
  let decoy: Promise<string> | undefined;

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

  return {
    /** Rejects with `auth.wrong`, in the same time for a wrong name and a wrong password. */
    async login(
      name: string,
      password: string,
      by: Origin,
    ): Promise<{ secret: string; caller: PersonCaller }> {
      decoy ??= hash("no password has this hash", ARGON2);
      const person = await repository.person(name);
      const right = await verify(person?.passwordHash ?? (await decoy), password);
      if (!right || person === undefined || person.disabled) throw new FlashlineError("auth.wrong");
      const secret = newSecret(SecretKind.Session);
      const until = new Date(now() + SESSION_MS);
      await repository.addSession(person, hashSecret(secret), until, by);
      return { secret, caller: { kind: "person", name: person.name, role: roleOf(person.role) } };
    },
    logout: (secret: string, by: Origin) => repository.endSession(hashSecret(secret), by),
    /** Null when the session ended. */
    async session(secret: string): Promise<PersonCaller | null> {
      const found = await repository.session(hashSecret(secret));
      return found === undefined
        ? null
        : { kind: "person", name: found.name, role: roleOf(found.role) };
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
    async savePerson(name: string, role: string, password: string, by: Origin): Promise<void> {
      if (password.length < MIN_PASSWORD) {
        throw new FlashlineError(
          "request.invalid",
          `A password has at least ${MIN_PASSWORD} characters.`,
          { parameters: { least: MIN_PASSWORD } },
        );
      }
      const passwordHash = await hash(password, ARGON2);
      await repository.savePerson({ name, role: roleOf(role), passwordHash }, by);
    },
    disablePerson: (name: string, by: Origin) => repository.disablePerson(name, by),
    /** The token, shown this once. `days`: how long it works, null for ever. */
    async addToken(
      name: string,
      scopes: readonly string[],
      days: number | null,
      by: Origin,
    ): Promise<string> {
      if (scopes.length === 0)
        throw new FlashlineError("request.invalid", "A token has at least one scope.");
      const secret = newSecret(SecretKind.ApiToken);
      const expiresAt = days === null ? null : new Date(now() + days * 86_400_000);
      await repository.addToken(
        { name, tokenHash: hashSecret(secret), scopes: scopes.map(scopeOf), expiresAt },
        by,
      );
      return secret;
    },
    revokeToken: (name: string, by: Origin) => repository.revokeToken(name, by),
    forgetEnded: () => repository.forgetEnded(),
  };
}
