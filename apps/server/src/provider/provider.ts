import { ENDPOINTS, FlashlineError } from "@flashline/contract";
import * as openid from "openid-client";
import { z } from "zod";
import type { ProviderConfig } from "../config/provider.ts";

/** What the browser brings back from the provider is held against it. */
export const Pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
export type Pending = Readonly<z.infer<typeof Pending>>;

/** Who somebody is, as the provider says. */
export interface ProvedPerson {
  readonly issuer: string;
  /** The provider's own name of the person: never anybody else's. */
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** How long the provider may take for one answer, seconds. It is asked up to three times while a person waits. */
const TIMEOUT_S = 3;

/** How long the provider's own description counts, milliseconds. */
const KNOWN_MS = 3_600_000;

const Groups = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const PersonName = z.string().trim().min(1).max(80);

const notProved = (message: string, cause?: unknown) =>
  new FlashlineError("auth.not_proved", message, { cause });

/** The provider's own words stay in the log. */
function refusalOf(error: unknown): FlashlineError {
  if (error instanceof FlashlineError) return error;
  const isOurs =
    error instanceof openid.AuthorizationResponseError ||
    (error instanceof openid.ResponseBodyError && error.error === "invalid_grant") ||
    (error instanceof openid.ClientError && error.code !== "OAUTH_TIMEOUT");
  if (isOurs) return notProved("The identity provider did not prove who you are.", error);
  const message = "The identity provider does not answer as it should.";
  return new FlashlineError("auth.provider", message, { cause: error });
}

/**
 * The authorization code flow of OpenID Connect with PKCE (RFC 7636), a state and a nonce. `publicUrl`: the address at which
 * browsers find this server. Rejects with `auth.provider` where the provider does not answer, and with `auth.not_proved`.
 */
export function identityProvider(config: ProviderConfig, publicUrl: string) {
  const { issuer, clientId, clientSecret } = config;
  const redirect = new URL(ENDPOINTS.finishProviderLogin.path, publicUrl);
  let known:
    | { readonly configuration: Promise<openid.Configuration>; readonly until: number }
    | undefined;

  const discover = () =>
    openid.discovery(
      issuer,
      clientId,
      undefined,
      clientSecret === undefined ? openid.None() : openid.ClientSecretPost(clientSecret),
      {
        timeout: TIMEOUT_S,
        // The settings allow it for a provider on this machine only.
        execute: issuer.protocol === "http:" ? [openid.allowInsecureRequests] : [],
      },
    );
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

  async function exchange(search: string, pending: Pending): Promise<ProvedPerson> {
    const provider = await discovered();
    const came = new URL(redirect);
    came.search = search;
    const tokens = await openid.authorizationCodeGrant(provider, came, {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
    });
    const proved = tokens.claims();
    if (proved === undefined) throw notProved("The identity provider sent no identity.");
    const isWhole = config.groupsClaim in proved && config.nameClaim in proved;
    const claims = isWhole
      ? proved
      : { ...(await openid.fetchUserInfo(provider, tokens.access_token, proved.sub)), ...proved };
    const name = PersonName.safeParse(claims[config.nameClaim]);
    if (!name.success) {
      throw notProved("The identity provider told no name: see FLASHLINE_OIDC_NAME_CLAIM.");
    }
    const groups = Groups.safeParse(claims[config.groupsClaim]);
    return {
      issuer: provider.serverMetadata().issuer,
      subject: proved.sub,
      name: name.data,
      // Without groups nobody has a role.
      groups: groups.success ? groups.data : [],
    };
  }

  return {
    /** Host of the provider, for the page's button. */
    host: issuer.host,
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
    /** `search`: what the browser brought back, as the query of its address. */
    finish: (search: string, pending: Pending): Promise<ProvedPerson> =>
      exchange(search, pending).catch((error: unknown) => {
        throw refusalOf(error);
      }),
  };
}
