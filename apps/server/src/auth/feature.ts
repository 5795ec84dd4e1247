import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { identifier, requireOwnOrigin, SESSION_COOKIE } from "./identify.ts";
import { authRepository } from "./repository.ts";
import { authService, SESSION_MS } from "./service.ts";

/** Published when a station's credential was replaced or revoked. */
export const CREDENTIALS_TOPIC = "credentials";

const LOGINS_PER_MINUTE = 10;

export function authFeature(app: App, { bus, config, db }: Platform): Feature {
  const auth = authService(authRepository(db));
  const stop = bus.subscribe(CREDENTIALS_TOPIC, () => auth.forgetStations());
  app.decorate("identify", identifier(auth, config.publicUrl));

  const cookie = {
    httpOnly: true,
    sameSite: "strict",
    secure: config.secureCookies,
    path: "/",
  } as const;
  route(
    app,
    "login",
    async ({ body, request, reply }) => {
      if (request.headers.origin !== undefined) requireOwnOrigin(request, config.publicUrl);
      const { secret, caller } = await auth.login(body.name, body.password);
      reply.setCookie(SESSION_COOKIE, secret, { ...cookie, maxAge: SESSION_MS / 1000 });
      return { status: 200, body: { name: caller.name, role: caller.role } };
    },
    { perMinute: LOGINS_PER_MINUTE },
  );
  route(app, "session", ({ caller }) => ({
    status: 200,
    body: { name: caller.name, role: caller.kind === "person" ? caller.role : "token" },
  }));
  route(app, "logout", async ({ request, reply }) => {
    const secret = request.cookies[SESSION_COOKIE];
    if (secret !== undefined && secret !== "") {
      requireOwnOrigin(request, config.publicUrl);
      await auth.logout(secret);
    }
    reply.clearCookie(SESSION_COOKIE, cookie);
    return { status: 204, body: null };
  });
  return {
    handlers: {},
    tasks: [{ name: "ended-sessions", everyMs: 3_600_000, run: () => auth.forgetEnded() }],
    close: stop,
  };
}
