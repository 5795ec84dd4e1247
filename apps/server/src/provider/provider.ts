import { ENDPOINTS, FlashlineError, PersonRequest, whyUnreachable } from "@flashline/contract";
import * as openid from "openid-client";
import { z } from "zod";
import type { ProviderConfig } from "../config/provider.ts";
import type { Identity } from "../people/identities.ts";

/** What the browser brings back from the provider is held against it. */
export const Pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
export type Pending = Readonly<z.infer<typeof Pending>>;

/** Who somebody is, as the provider says. */
export interface ProvedPerson extends Identity {
  readonly name: string;
  readonly groups: readonly string[];
  /** The ID token, by which the provider knows whose log-out is asked for. */
  readonly idToken: string | undefined;
}

/** What the browser brought back from the provider: parameters of its answer that count (RFC 6749, section 4.1.2; RFC 9207). */
export interface ProviderAnswer {
  readonly code?: string | undefined;
  readonly state?: string | undefined;
  readonly iss?: string | undefined;
  readonly error?: string | undefined;
  readonly error_description?: string | undefined;
}

/** How long the provider may take for one answer, seconds. It is asked up to three times while a person waits. */
const TIMEOUT_S = 3;
/** How long the provider's own description counts, milliseconds. */
const KNOWN_MS = 3_600_000;
/** How far the provider's clock may be from ours, seconds. */
const CLOCKS_S = 30;

const Groups = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const PersonName = PersonRequest.shape.name;

const notProved = (message: string, cause?: unknown) =>
  new FlashlineError("auth.not_proved", message, { cause });
const atFault = (message: string, cause?: unknown) =>
  new FlashlineError("auth.provider", message, { cause });

/** What a provider says of the person, not of itself or of our settings (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6). */
const OF_PERSON: ReadonlySet<string> = new Set([
  "access_denied",
  "account_selection_required",
  "consent_required",
  "interaction_required",
  "login_required",
  /** The code was used, is over, or is another browser's (RFC 6749, section 5.2). */
  "invalid_grant",
]);
/** The state, the nonce, or what else was to be the same, is not. */
const DIFFERS: ReadonlySet<string> = new Set([
  "OAUTH_INVALID_RESPONSE",
  "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
]);

/** The sentence is for the log, where it stands with its cause. A person is told the code. */
function refusalOf(error: unknown): FlashlineError {
  if (error instanceof FlashlineError) return error;
  if (
    error instanceof openid.AuthorizationResponseError ||
    error instanceof openid.ResponseBodyError
  ) {
    const said = `The identity provider says ${error.error}: ${error.error_description ?? "no reason"}`;
    return OF_PERSON.has(error.error) ? notProved(said, error) : atFault(said, error);
  }
  if (error instanceof openid.WWWAuthenticateChallengeError) {
    const settings = "FLASHLINE_OIDC_CLIENT_ID and FLASHLINE_OIDC_CLIENT_SECRET";
    return atFault(`The identity provider refuses this server: see ${settings}.`, error);
  }
  if (!(error instanceof openid.ClientError)) {
    const why = error instanceof Error ? whyUnreachable(error) : String(error);
    return atFault(`The identity provider cannot be reached: ${why}.`, error);
  }
  if (error.code === "OAUTH_JWT_TIMESTAMP_CHECK_FAILED") {
    const message = `The clocks of this server and of the identity provider differ by more than ${CLOCKS_S} s.`;
    return atFault(message, error);
  }
  if (error.code === "OAUTH_TIMEOUT") {
    return atFault(`The identity provider gave no answer in ${TIMEOUT_S} s.`, error);
  }
  // The library wraps what it does not know, such as a connection that failed.
  if (error.code === undefined && error.cause instanceof Error) return refusalOf(error.cause);
  const message = `The identity provider's answer does not count: ${error.message}.`;
  return DIFFERS.has(error.code ?? "") ? notProved(message, error) : atFault(message, error);
}

/** In the body where the provider says that it takes it there; who says nothing means the header (OpenID Connect Discovery, section 3). */
const secretAuth =
  (secret: string): openid.ClientAuth =>
  (server, ...rest) => {
    const ways = server.token_endpoint_auth_methods_supported ?? [];
    const way = ways.includes("client_secret_post")
      ? openid.ClientSecretPost
      : openid.ClientSecretBasic;
    way(secret)(server, ...rest);
  };

/**
 * The authorization code flow of OpenID Connect with PKCE (RFC 7636), a state and a nonce. `publicUrl`: the address at which
 * browsers find this server. Rejects with `auth.provider` where the provider does not answer, and with `auth.not_proved`.
 */
export function identityProvider(config: ProviderConfig, publicUrl: string) {
  const { issuer, clientId, clientSecret } = config;
  const redirect = new URL(ENDPOINTS.finishProviderLogin.path, publicUrl);
  const afterLogOut = new URL("/", publicUrl);
  let known:
    | { readonly configuration: Promise<openid.Configuration>; readonly until: number }
    | undefined;

  async function discover(): Promise<openid.Configuration> {
    const found = await openid.discovery(
      issuer,
      clientId,
      { [openid.clockTolerance]: CLOCKS_S },
      clientSecret === undefined ? openid.None() : secretAuth(clientSecret),
      {
        timeout: TIMEOUT_S,
        // The settings allow it for a provider on this machine only.
        execute: issuer.protocol === "http:" ? [openid.allowInsecureRequests] : [],
      },
    );
    const told = found.serverMetadata().issuer;
    // The library lets Microsoft's "common" stand for every tenant. Whoever owns a tenant there says what its groups are called.
    if (new URL(told).href === issuer.href) return found;
    throw atFault(
      `FLASHLINE_OIDC_ISSUER is ${issuer.href}, and the provider calls itself ${told}.`,
    );
  }
  /** Asked for once an hour, and again after it failed. */
  function discovered(): Promise<openid.Configuration> {
    if (known !== undefined && known.until > Date.now()) return known.configuration;
    const configuration = discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    known = { configuration, until: Date.now() + KNOWN_MS };
    return configuration;
  }

  /** The claims about the person: of the ID token, and where some are not in it those of the user information too. */
  async function claimsOf(
    provider: openid.Configuration,
    accessToken: string,
    proved: openid.IDToken,
  ): Promise<Readonly<Record<string, unknown>>> {
    const isWhole = config.groupsClaim in proved && config.nameClaim in proved;
    if (isWhole || provider.serverMetadata().userinfo_endpoint === undefined) return proved;
    return { ...(await openid.fetchUserInfo(provider, accessToken, proved.sub)), ...proved };
  }

  async function exchange(answer: ProviderAnswer, pending: Pending): Promise<ProvedPerson> {
    const provider = await discovered();
    const came = new URL(redirect);
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value === "string") came.searchParams.set(name, value);
    }
    // The ID token comes from the provider itself over TLS, which stands in for its signature (OpenID Connect Core, section 3.1.3.7).
    const tokens = await openid.authorizationCodeGrant(provider, came, {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
    });
    const proved = tokens.claims();
    if (proved === undefined) throw atFault("The identity provider sent no identity.");
    const claims = await claimsOf(provider, tokens.access_token, proved);
    const name = PersonName.safeParse(claims[config.nameClaim]);
    if (!name.success) {
      throw atFault(
        `The identity provider told no name in ${config.nameClaim}: see FLASHLINE_OIDC_NAME_CLAIM.`,
      );
    }
    const groups = Groups.safeParse(claims[config.groupsClaim]);
    return {
      issuer: issuer.href,
      subject: proved.sub,
      name: name.data,
      // Without groups nobody has a role.
      groups: groups.success ? groups.data : [],
      idToken: tokens.id_token,
    };
  }

  return {
    /** What the page's button says, and where it leads: to the address whose cookies the browser brings back. */
    way: {
      host: issuer.host,
      url: new URL(ENDPOINTS.startProviderLogin.path, publicUrl).href,
      end: config.logOutThere ? new URL(ENDPOINTS.endProviderLogin.path, publicUrl).href : null,
    },
    /** Where the browser goes, and what has to be kept until it comes back. */
    async start(): Promise<{ readonly url: string; readonly pending: Pending }> {
      try {
        const provider = await discovered();
        const verifier = openid.randomPKCECodeVerifier();
        const pending = { state: openid.randomState(), nonce: openid.randomNonce(), verifier };
        const url = openid.buildAuthorizationUrl(provider, {
          redirect_uri: redirect.href,
          scope: config.scope,
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
        });
        return { url: url.href, pending };
      } catch (error) {
        throw refusalOf(error);
      }
    },
    /**
     * Where the browser goes to be logged out (OpenID Connect RP-Initiated Logout 1.0, section 2); undefined where the provider has no such place. Without
     * `idToken` it asks the person.
     */
    async end(idToken: string | undefined): Promise<string | undefined> {
      try {
        const provider = await discovered();
        if (provider.serverMetadata().end_session_endpoint === undefined) return undefined;
        return openid.buildEndSessionUrl(provider, {
          post_logout_redirect_uri: afterLogOut.href,
          ...(idToken === undefined ? {} : { id_token_hint: idToken }),
        }).href;
      } catch (error) {
        throw refusalOf(error);
      }
    },
    finish: (answer: ProviderAnswer, pending: Pending): Promise<ProvedPerson> =>
      exchange(answer, pending).catch((error: unknown) => {
        throw refusalOf(error);
      }),
  };
}
