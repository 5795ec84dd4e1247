import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StationPageView } from "@flashline/contract";

const BUILT = fileURLToPath(new URL("../../../apps/web/dist/station", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The built station page on views that a test makes up, without an agent: for looking at what a station rarely shows. */
export interface StillStation {
  readonly url: string;
  /** What was done at the page: the act and what came with it. */
  readonly acts: readonly string[];
  show(view: StationPageView): void;
  /** With which status an act is answered, and when: from now on. What is not 200 was not done. */
  answers(by: (act: string) => Promise<number>): void;
  close(): Promise<void>;
}

export async function stillStation(first: StationPageView): Promise<StillStation> {
  let view = first;
  const acts: string[] = [];
  let answer = async (_act: string): Promise<number> => 200;
  const streams = new Set<ServerResponse>();
  const send = (stream: ServerResponse): void =>
    void stream.write(`event: view\ndata: ${JSON.stringify(view)}\n\n`);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      streams.add(response);
      request.on("close", () => streams.delete(response));
      send(response);
    } else if (request.method === "POST") {
      const answered = async (): Promise<void> => {
        const body = Buffer.concat(await request.toArray()).toString();
        const act = `${pathname.slice("/api/".length)} ${body}`;
        response.statusCode = await answer(act);
        if (response.statusCode === 200) acts.push(act);
        response.end(JSON.stringify(view));
      };
      answered().catch(console.error);
    } else if (pathname === "/api/view") {
      response.end(JSON.stringify(view));
    } else {
      const file = join(BUILT, pathname === "/" ? "index.html" : pathname);
      readFile(file).then(
        (content) => {
          response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
          response.end(content);
        },
        () => response.writeHead(404).end(),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acts,
    show(next) {
      view = next;
      for (const stream of streams) send(stream);
    },
    answers(by) {
      answer = by;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
