import { isCode } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { clearSessionCookie, SESSION_COOKIE, setSessionCookie } from "../http/session-cookie.ts";
import type { Origin } from "../ledger/origin.ts";
import { addressOf } from "../limits/address.ts";
import { type Limit, triesOn } from "../limits/tries.ts";
import type { Platform } from "../platform.ts";
import type { Bus } from "../queue/bus.ts";
import { countLogin } from "./count-login.ts";
import { identifier, requireOwnOrigin } from "./identify.ts";
import { authRepository } from "./repository.ts";
import { authService } from "./service.ts";

/** Published when a station's credential was replaced or revoked. */
export const CREDENTIALS_TOPIC = "credentials";

/** Calls back with the station whose credential was revoked, on whichever replica. */
export const onStationRevoked = (bus: Bus, listener: (stationId: string) => void): (() => void) =>
  bus.subscribe(CREDENTIALS_TOPIC, (message) => {
    if (typeof message !== "object" || message === null || !("revoked" in message)) return;
    if (typeof message.revoked === "string") listener(message.revoked);
  });

/** Failed log-ins under one name from one address. A right password ends the count. */
const OF_ACCOUNT_THERE: Limit = { most: 10, inMs: 5 * 60_000 };
/**
 * Log-ins under one name from all addresses together at which nobody logged in under it lately: whoever guesses from many addresses
 * does not keep the name's owner out of where she works.
 */
const OF_ACCOUNT: Limit = { most: 50, inMs: 5 * 60_000 };
/** How long an address is known as one at which a name's owner logged in, milliseconds. */
const KNOWN_MS = 30 * 24 * 3_600_000;

export function authFeature(app: App, { bus, config, db, log }: Platform): Feature {
  const repository = authRepository(db);
  const auth = authService(repository);
  const tries = triesOn(db.sql);
  const failed = async (name: string, by: Origin): Promise<void> => {
    log.warn({ name, address: by.address }, "log-in failed");
    await repository.noteFailedLogin(name, by);
  };
  const stop = bus.subscribe(CREDENTIALS_TOPIC, () => auth.forgetStations());
  app.decorate("identify", identifier(auth, config.publicUrl));

  route(app, "login", async ({ body, by, request, reply }) => {
    if (request.headers.origin !== undefined) requireOwnOrigin(request, config.publicUrl);
    const address = addressOf(request);
    const account = `login account ${body.name}`;
    const there = `${account} at ${address}`;
    const known = `login known ${body.name} at ${address}`;
    await countLogin(tries, address);
    await tries.take(there, OF_ACCOUNT_THERE);
    if (!(await tries.isRemembered(known))) await tries.take(account, OF_ACCOUNT);
    const { secret, caller } = await auth
      .login(body.name, body.password, by)
      .catch(async (error: unknown) => {
        if (isCode(error, "auth.wrong")) await failed(body.name, by);
        throw error;
      });
    await tries.forget(there);
    await tries.remember(known, KNOWN_MS);
    setSessionCookie(reply, secret, config);
    return { status: 200, body: { name: caller.name, role: caller.role } };
  });
  route(app, "session", ({ caller }) => ({
    status: 200,
    body: { name: caller.name, role: caller.kind === "person" ? caller.role : "token" },
  }));
  route(app, "logout", async ({ by, request, reply }) => {
    const secret = request.cookies[SESSION_COOKIE];
    if (secret !== undefined && secret !== "") {
      requireOwnOrigin(request, config.publicUrl);
      await auth.logout(secret, by);
    }
    clearSessionCookie(reply, config);
    return { status: 204, body: null };
  });
  return {
    handlers: {},
    tasks: [
      { name: "ended-sessions", everyMs: 3_600_000, run: () => auth.forgetEnded() },
      { name: "ended-tries", everyMs: 600_000, run: () => tries.sweep() },
    ],
    close: stop,
  };
}
