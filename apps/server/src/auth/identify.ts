import { FlashlineError } from "@flashline/contract";
import type { FastifyRequest } from "fastify";
import type { Identify } from "../http/server.ts";
import { SESSION_COOKIE } from "../http/session-cookie.ts";
import type { AuthService } from "./service.ts";

/** RFC 6750, section 2.1: one secret and nothing after it. */
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * A browser sends the cookie by itself, also for a page of another site. So a request that changes something must say that it
 * comes from our own pages. Throws `auth.forbidden`.
 */
export function requireOwnOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin } = request.headers;
  const own = [`${request.protocol}://${request.host}`];
  if (publicUrl !== undefined) own.push(new URL(publicUrl).origin);
  if (origin !== undefined && own.includes(origin)) return;
  throw new FlashlineError(
    "auth.forbidden",
    `The request comes from ${origin ?? "an unknown origin"}, not from this server's own pages.`,
    { parameters: { origin: origin ?? "" } },
  );
}

/** A bearer credential counts before a cookie. */
export function identifier(auth: AuthService, publicUrl: string | undefined): Identify {
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const [, secret] = BEARER.exec(authorization) ?? [];
      if (secret === undefined) throw new FlashlineError("auth.required");
      return auth.bearer(secret);
    }
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined || cookie === "") return null;
    const person = await auth.session(cookie);
    if (person !== null && !SAFE.has(request.method)) requireOwnOrigin(request, publicUrl);
    return person;
  };
}
