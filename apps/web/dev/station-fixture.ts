import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { report } from "./data/doctor.ts";
import { stationScene } from "./station-scenes.ts";

const sceneOf = (request: IncomingMessage): string =>
  new URL(request.headers.referer ?? "http://none/").searchParams.get("scene") ?? "shift";

/** Answers the station page's requests with a still picture of a station; actions only count up its notice. */
export function stationFixture(): Plugin {
  let notices = 10;
  const streams = new Map<ServerResponse, string>();
  const send = (stream: ServerResponse, view: unknown): void => {
    stream.write(`event: view\ndata: ${JSON.stringify(view)}\n\n`);
  };
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const path = request.url?.split("?")[0] ?? "";
    if (path === "/api/view") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(stationScene(sceneOf(request))));
    } else if (path === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      streams.set(response, sceneOf(request));
      request.on("close", () => streams.delete(response));
      send(response, stationScene(sceneOf(request)));
    } else if (path === "/api/doctor") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(report));
    } else if (path.startsWith("/api/")) {
      notices += 1;
      for (const [stream, scene] of streams) {
        const view = stationScene(scene);
        const notice = { key: "cancelled", kind: "info", count: notices } as const;
        send(stream, { ...view, notice });
      }
      response.end("{}");
    } else next();
  };
  return {
    name: "flashline-station-fixture",
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
