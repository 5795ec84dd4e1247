import { FlashlineError, type TokenView } from "@flashline/contract";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { scopeOf } from "../auth/service.ts";
import type { Caller } from "../http/caller.ts";
import type { Origin } from "../ledger/origin.ts";
import type { TokensRepository } from "./repository.ts";

const DAY_MS = 86_400_000;

export interface TokenWish {
  readonly name: string;
  readonly scopes: readonly string[];
  /** How long it works; null for ever. */
  readonly days: number | null;
  readonly reason?: string | undefined;
}

export function tokensService(repository: TokensRepository, now: () => number = Date.now) {
  return {
    list: repository.list,
    /**
     * The token with its secret, shown this once. Rejects with `request.invalid`, and with `auth.forbidden` where a token would
     * give what it does not have. `caller` is null on the command line.
     */
    async add(
      { name, scopes, days, reason }: TokenWish,
      caller: Caller | null,
      by: Origin,
    ): Promise<TokenView & { readonly secret: string }> {
      if (scopes.length === 0)
        throw new FlashlineError("request.invalid", "A token has at least one scope.");
      const wanted = [...new Set(scopes.map(scopeOf))];
      const beyond =
        caller?.kind === "token" ? wanted.filter((scope) => !caller.scopes.includes(scope)) : [];
      if (beyond.length > 0) {
        throw new FlashlineError(
          "auth.forbidden",
          `A token gives no scope that it does not have: ${beyond.join(", ")}. Ask with one that has it, or make the token on the server.`,
          { parameters: { scopes: beyond.join(", ") } },
        );
      }
      const secret = newSecret(SecretKind.ApiToken);
      const expiresAt = days === null ? null : new Date(now() + days * DAY_MS);
      const personId = caller?.kind === "person" ? caller.id : null;
      const tokenId = caller?.kind === "token" ? caller.tokenId : null;
      const tokenHash = hashSecret(secret);
      const added = await repository.add(
        { name, tokenHash, scopes: wanted, expiresAt, personId, tokenId, reason },
        by,
      );
      return { ...added, secret };
    },
    /** Revoking again is no error. Rejects with `request.not_found`. */
    async revoke(idOrName: string, reason: string | undefined, by: Origin) {
      const { now: count, tokens } = await repository.revoke(idOrName, reason, by);
      if (tokens.length > 0) return { count, tokens };
      throw new FlashlineError("request.not_found", `There is no token ${idOrName}.`, {
        parameters: { token: idOrName },
      });
    },
  };
}
