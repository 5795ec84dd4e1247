import { createServer } from "vite";
import { type Page, pageConfig } from "../vite.pages.ts";
import { dashboardFixture } from "./dashboard-fixture.ts";
import { stationFixture } from "./station-fixture.ts";

/** Both pages with hot reload on invented data: dashboard on 5173, station page on 5174. */
const FIXTURES = [
  { page: "dashboard", port: 5173, fixture: dashboardFixture },
  { page: "station", port: 5174, fixture: stationFixture },
] as const satisfies readonly { page: Page; port: number; fixture: unknown }[];

for (const { page, port, fixture } of FIXTURES) {
  const config = pageConfig(page);
  const server = await createServer({
    ...config,
    configFile: false,
    plugins: [...(config.plugins ?? []), fixture()],
    server: { host: "127.0.0.1", port, strictPort: true },
  });
  await server.listen();
  server.printUrls();
}
