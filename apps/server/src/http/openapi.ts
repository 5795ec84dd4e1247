import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { VERSION } from "../version.ts";
import type { App } from "./server.ts";
import { SESSION_COOKIE } from "./session-cookie.ts";

/** Before the routes: they are gathered as they are added. */
export async function describeApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Flashline server",
        version: VERSION,
        description:
          "Refusals have the body {code, blame, message, action}; the codes are the same in every part of Flashline.",
      },
      components: {
        securitySchemes: {
          station: { type: "http", scheme: "bearer", description: "A station's own credential" },
          token: { type: "http", scheme: "bearer", description: "An API token with its scopes" },
          session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    // Its own policy would send browsers to https, which a plant's network may not have. Ours is stricter and holds here as well.
    staticCSP: false,
    uiConfig: { operationsSorter: "alpha", tagsSorter: "alpha" },
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}
