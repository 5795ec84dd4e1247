import { FlashlineError } from "@flashline/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { authRepository } from "../auth/repository.ts";
import { authService } from "../auth/service.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { setSessionCookie } from "../http/session-cookie.ts";
import { peopleChanges } from "../people/changes.ts";
import type { Platform } from "../platform.ts";
import { identityProvider, Pending } from "./provider.ts";
import { providerLogins } from "./service.ts";

/** Carries what the provider's answer is held against, sealed, while the person is at the provider. */
const PENDING_COOKIE = "flashline_login";
/** How long somebody may take at the provider, milliseconds. */
const PENDING_MS = 10 * 60_000;
/** What the vault seals it for. */
const PLACE = "log-in by a provider";

const Kept = Pending.extend({ until: z.number() });

/** Log-ins by an identity provider, where one is configured. */
export function providerFeature(app: App, { config, db, log, vault }: Platform): Feature {
  const { provider: settings, publicUrl } = config;
  const provider =
    settings === undefined || publicUrl === undefined
      ? undefined
      : identityProvider(settings, publicUrl);
  const repository = authRepository(db);
  const logins = providerLogins({
    sql: db.sql,
    changes: peopleChanges(db),
    auth: authService(repository),
    noteRefused: repository.noteRefused,
    roles: settings?.roles ?? [],
  });
  /** Another site sends the browser back here: a strict cookie would stay behind. */
  const cookie = {
    httpOnly: true,
    sameSite: "lax",
    secure: config.secureCookies,
    path: "/v1/session/provider",
  } as const;

  function here() {
    if (provider !== undefined) return provider;
    const message = "No identity provider is configured here.";
    throw new FlashlineError("request.not_found", message);
  }
  function keep(reply: FastifyReply, pending: Pending): void {
    const kept = JSON.stringify({ ...pending, until: Date.now() + PENDING_MS });
    const sealed = vault.seal(PLACE, kept).toString("base64url");
    reply.setCookie(PENDING_COOKIE, sealed, { ...cookie, maxAge: PENDING_MS / 1000 });
  }
  /** Rejects with `auth.not_proved` where this browser began no log-in lately. */
  function keptBy(request: FastifyRequest): Pending {
    const sealed = Buffer.from(request.cookies[PENDING_COOKIE] ?? "", "base64url");
    const text = vault.open(PLACE, sealed);
    // Sealed by this server: it has the form that it was given.
    const kept = text === undefined ? undefined : Kept.parse(JSON.parse(text));
    if (kept !== undefined && kept.until > Date.now()) return kept;
    throw new FlashlineError(
      "auth.not_proved",
      "This browser began no log-in in the last ten minutes.",
    );
  }

  route(app, "loginWays", () => ({ status: 200, body: { provider: provider?.host ?? null } }));

  route(app, "startProviderLogin", async ({ reply }) => {
    const { url, pending } = await here().start();
    keep(reply, pending);
    return { status: 302, body: null, headers: { location: url, "cache-control": "no-store" } };
  });

  // A person looks at the answer: what went wrong is told by the page, not as JSON.
  route(app, "finishProviderLogin", async ({ by, request, reply }) => {
    const at = here();
    const to = (location: string) =>
      ({ status: 303, body: null, headers: { location, "cache-control": "no-store" } }) as const;
    reply.clearCookie(PENDING_COOKIE, cookie);
    try {
      const pending = keptBy(request);
      const search = request.url.slice(request.url.indexOf("?"));
      const { secret } = await logins.login(await at.finish(search, pending), by);
      setSessionCookie(reply, secret, config);
      return to("/");
    } catch (error) {
      if (!(error instanceof FlashlineError)) throw error;
      const { code, message, cause } = error;
      log.warn({ code, message, err: cause, address: by.address }, "log-in by the provider failed");
      return to(`/#refused=${encodeURIComponent(code)}`);
    }
  });
  return { handlers: {} };
}
