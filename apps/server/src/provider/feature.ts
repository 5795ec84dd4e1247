import { FlashlineError, isCode } from "@flashline/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { countLogin } from "../auth/count-login.ts";
import { authRepository } from "../auth/repository.ts";
import { authService } from "../auth/service.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { SESSION_MS, setSessionCookie } from "../http/session-cookie.ts";
import type { Origin } from "../ledger/origin.ts";
import { addressOf } from "../limits/address.ts";
import { triesOn } from "../limits/tries.ts";
import { peopleChanges } from "../people/changes.ts";
import { sessionsRepository } from "../people/sessions.ts";
import type { Platform } from "../platform.ts";
import { identityProvider, Pending, type ProvedPerson } from "./provider.ts";
import { providerLogins } from "./service.ts";

/** Carries what the provider's answer is held against, sealed, while the person is at the provider. */
const PENDING_COOKIE = "flashline_login";
/** How long somebody may take at the provider, milliseconds. */
const PENDING_MS = 10 * 60_000;
/** What the vault seals it for. */
const PLACE = "log-in by a provider";
/** Says that this browser logged in there, and by which ID token, sealed. */
const THERE_COOKIE = "flashline_provider";
const THERE = "log-out at a provider";
/** A browser keeps 4096 bytes of a cookie with its name and attributes (RFC 6265, section 6.1). A longer ID token is left out. */
const MOST_SEALED = 3_800;

const Kept = Pending.extend({ until: z.number() });

/** Log-ins by an identity provider, where one is configured. */
export function providerFeature(app: App, { config, db, log, vault }: Platform): Feature {
  const { provider: settings, publicUrl } = config;
  const provider =
    settings === undefined || publicUrl === undefined
      ? undefined
      : identityProvider(settings, publicUrl);
  const repository = authRepository(db);
  const tries = triesOn(db.sql);
  const logins = providerLogins({
    sql: db.sql,
    changes: peopleChanges(db),
    auth: authService(repository),
    sessions: sessionsRepository(db),
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

  /** Only this server's own page leads there. */
  const thereCookie = { ...cookie, sameSite: "strict" } as const;

  function here() {
    if (provider !== undefined) return provider;
    const message = "No identity provider is configured here.";
    throw new FlashlineError("request.not_found", message);
  }
  function rememberThere(reply: FastifyReply, { idToken = "" }: ProvedPerson): void {
    if (settings?.logOutThere !== true) return;
    const sealed = [idToken, ""].map((text) => vault.seal(THERE, text).toString("base64url"));
    const value = sealed.find(({ length }) => length <= MOST_SEALED) ?? "";
    reply.setCookie(THERE_COOKIE, value, { ...thereCookie, maxAge: SESSION_MS / 1000 });
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

  /** A person looks at the answer: what went wrong is told by the page, not as JSON. */
  function toPage(
    error: unknown,
    by: Origin,
    proved?: ProvedPerson,
    what: "log-in" | "log-out" = "log-in",
  ): string {
    if (!(error instanceof FlashlineError)) throw error;
    const { code, message, cause } = error;
    const who = { address: by.address, name: proved?.name, subject: proved?.subject };
    log.warn({ code, why: message, err: cause, ...who }, `${what} by the provider failed`);
    return `/#refused=${encodeURIComponent(code)}`;
  }
  async function unproved(error: unknown, by: Origin): Promise<never> {
    if (isCode(error, "auth.not_proved")) await repository.noteUnproved(error.code, by);
    throw error;
  }
  const leadTo = (location: string) => ({ location, "cache-control": "no-store" });

  route(app, "loginWays", () => ({ status: 200, body: { provider: provider?.way ?? null } }));

  route(app, "startProviderLogin", async ({ by, reply }) => {
    const to = await here()
      .start()
      .then(
        ({ url, pending }) => {
          keep(reply, pending);
          return url;
        },
        (error: unknown) => toPage(error, by),
      );
    return { status: 302, body: null, headers: leadTo(to) };
  });

  route(app, "finishProviderLogin", async ({ by: asked, query, request, reply }) => {
    const at = here();
    // A browser sends no origin where another site sent it on.
    const by: Origin = { ...asked, door: "pages" };
    const { code, state, iss, error, error_description } = query;
    let proved: ProvedPerson | undefined;
    reply.clearCookie(PENDING_COOKIE, cookie);
    try {
      const pending = keptBy(request);
      await countLogin(tries, addressOf(request));
      const answer = { code, state, iss, error, error_description };
      proved = await at.finish(answer, pending).catch((failed: unknown) => unproved(failed, by));
      const { secret } = await logins.login(proved, by);
      setSessionCookie(reply, secret, config);
      rememberThere(reply, proved);
      return { status: 303, body: null, headers: leadTo("/") };
    } catch (failed) {
      return { status: 303, body: null, headers: leadTo(toPage(failed, by, proved)) };
    }
  });

  route(app, "endProviderLogin", async ({ by, request, reply }) => {
    const at = here();
    const cookie = request.cookies[THERE_COOKIE];
    reply.clearCookie(THERE_COOKIE, thereCookie);
    // Who came in by password has no session there.
    if (cookie === undefined) return { status: 303, body: null, headers: leadTo("/") };
    const idToken = vault.open(THERE, Buffer.from(cookie, "base64url"));
    const to = await at
      .end(idToken === "" ? undefined : idToken)
      .catch((error: unknown) => toPage(error, by, undefined, "log-out"));
    return { status: 303, body: null, headers: leadTo(to ?? "/") };
  });
  return { handlers: {} };
}
