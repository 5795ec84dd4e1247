import type { AddressInfo } from "node:net";
import { createServer, type PreviewServer, preview, type ViteDevServer } from "vite";
import { type Page, pageConfig } from "../vite.pages.ts";
import { dashboardFixture } from "./dashboard-fixture.ts";
import { stationFixture } from "./station-fixture.ts";

const HOST = "127.0.0.1";
const FIXTURES = { dashboard: dashboardFixture, station: stationFixture };

function configOf(page: Page) {
  const config = pageConfig(page);
  const plugins = [...(config.plugins ?? []), FIXTURES[page]()];
  return { ...config, configFile: false as const, plugins };
}

/** One page on invented data, served with hot reload. */
export async function servePage(page: Page, port: number): Promise<ViteDevServer> {
  const server = await createServer({
    ...configOf(page),
    server: { host: HOST, port, strictPort: true },
  });
  return await server.listen();
}

export interface BuiltPage {
  readonly url: string;
  readonly close: PreviewServer["close"];
}

/** One page as it was built, on invented data and a free port. */
export async function serveBuiltPage(page: Page): Promise<BuiltPage> {
  const server = await preview({ ...configOf(page), preview: { host: HOST, port: 0 } });
  const { port } = server.httpServer.address() as AddressInfo;
  return { url: `http://${HOST}:${port}`, close: () => server.close() };
}
