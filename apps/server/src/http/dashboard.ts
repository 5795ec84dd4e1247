import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import { DASHBOARD_PAGES, FlashlineError } from "@flashline/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./server.ts";

const BUILT = fileURLToPath(new URL("../../../web/dist/dashboard", import.meta.url));
/** Files with a digest in their name never change. */
const YEAR_MS = 365 * 24 * 3_600_000;

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Flashline</title>
<h1>Flashline server</h1>
<p>The dashboard is not built. Build it with <code>npm run build:web</code> and reload this page.</p>
<p><a href="/docs">API</a> · <a href="/readyz">State</a></p>`;

const wantsPage = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") &&
  !/^\/(v1|docs|openapi\.json|metrics)(\/|\?|$)/.test(url) &&
  path.extname(url.split("?")[0] ?? "") === "" &&
  headers.accept?.includes("text/html") === true;

/** The dashboard's files and pages. Under an unknown address its index says so to people; everybody else gets a code. */
export async function serveDashboard(app: App, folder: string = BUILT): Promise<void> {
  const index = path.join(folder, "index.html");
  if (existsSync(folder)) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      maxAge: YEAR_MS,
      immutable: true,
      preCompressed: true,
    });
  }
  if (existsSync(path.join(folder, "assets"))) {
    app.get<{ Params: { "*": string } }>(
      "/assets/*",
      { schema: { hide: true }, config: { rateLimit: false } },
      (request, reply) => reply.sendFile(path.join("assets", request.params["*"])),
    );
  }
  const sendPage = (reply: FastifyReply): FastifyReply =>
    existsSync(index)
      ? reply
          .header("cache-control", "no-cache")
          .sendFile("index.html", { maxAge: 0, immutable: false })
      : reply.type("text/html; charset=utf-8").send(NOT_BUILT);
  for (const page of Object.values(DASHBOARD_PAGES)) {
    app.get(page.replaceAll("$", ":"), { schema: { hide: true } }, (_request, reply) =>
      sendPage(reply),
    );
  }
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return sendPage(reply.code(404));
    const { method, url } = request;
    throw new FlashlineError("request.not_found", `${method} ${url} does not exist.`, {
      parameters: { method, url },
    });
  });
}
