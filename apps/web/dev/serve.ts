import { servePage } from "./servers.ts";

/** Both pages with hot reload on invented data: dashboard on 5173, station page on 5174. */
for (const [page, port] of [
  ["dashboard", 5173],
  ["station", 5174],
] as const) {
  const server = await servePage(page, port);
  server.printUrls();
}
