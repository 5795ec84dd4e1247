import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tokensRepository } from "./repository.ts";
import { tokensService } from "./service.ts";

/** Credentials of programs. */
export function tokensFeature(app: App, { db }: Platform): Feature {
  const tokens = tokensService(tokensRepository(db));
  route(app, "tokens", async ({ query }) => ({ status: 200, body: await tokens.list(query) }));
  route(app, "addToken", async ({ body, caller, by }) => ({
    status: 201,
    body: await tokens.add(body, caller, by),
  }));
  route(app, "revokeToken", async ({ params, body, by }) => ({
    status: 200,
    body: (await tokens.revoke(params.id, body.reason, by)).tokens,
  }));
  return { handlers: {} };
}
