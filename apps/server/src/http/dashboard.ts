import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import { FlashlineError } from "@flashline/contract";
import type { App } from "./server.ts";

const BUILT = fileURLToPath(new URL("../../../web/dist/dashboard", import.meta.url));
/** Files with a digest in their name never change. */
const YEAR_MS = 365 * 24 * 3_600_000;

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Flashline</title>
<h1>Flashline server</h1>
<p>The dashboard is not built. Build it with <code>npm run build:web</code> and reload this page.</p>
<p><a href="/docs">API</a> · <a href="/readyz">State</a></p>`;

const isPage = (method: string, url: string): boolean =>
  (method === "GET" || method === "HEAD") && !/^\/(v1|docs|openapi\.json)(\/|\?|$)/.test(url);

/** The dashboard's files; its index for every other page address; a 404 with its code for everything else. */
export async function serveDashboard(app: App, folder: string = BUILT): Promise<void> {
  const index = path.join(folder, "index.html");
  if (existsSync(folder)) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      maxAge: YEAR_MS,
      immutable: true,
    });
  }
  if (existsSync(path.join(folder, "assets"))) {
    app.get<{ Params: { "*": string } }>(
      "/assets/*",
      { schema: { hide: true }, config: { rateLimit: false } },
      (request, reply) => reply.sendFile(path.join("assets", request.params["*"])),
    );
  }
  app.setNotFoundHandler((request, reply) => {
    const wantsFile = path.extname(request.url.split("?")[0] ?? "") !== "";
    if (!isPage(request.method, request.url) || wantsFile) {
      throw new FlashlineError(
        "request.not_found",
        `${request.method} ${request.url} does not exist.`,
        { parameters: { method: request.method, url: request.url } },
      );
    }
    if (!existsSync(index)) return reply.code(200).type("text/html; charset=utf-8").send(NOT_BUILT);
    return reply
      .header("cache-control", "no-cache")
      .sendFile("index.html", { maxAge: 0, immutable: false });
  });
}
