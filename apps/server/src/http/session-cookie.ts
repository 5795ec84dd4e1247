import type { FastifyReply } from "fastify";
import type { Config } from "../config/config.ts";

/** Carries the secret of a person's session. */
export const SESSION_COOKIE = "flashline_session";

/** A working day, milliseconds; after it people log in again. */
export const SESSION_MS = 12 * 3_600_000;

const options = ({ secureCookies }: Pick<Config, "secureCookies">) =>
  ({ httpOnly: true, sameSite: "strict", secure: secureCookies, path: "/" }) as const;

/** From now on the browser sends the session's secret. */
export function setSessionCookie(
  reply: FastifyReply,
  secret: string,
  config: Pick<Config, "secureCookies">,
): void {
  reply.setCookie(SESSION_COOKIE, secret, { ...options(config), maxAge: SESSION_MS / 1000 });
}

/** The browser forgets it. */
export function clearSessionCookie(
  reply: FastifyReply,
  config: Pick<Config, "secureCookies">,
): void {
  reply.clearCookie(SESSION_COOKIE, options(config));
}
