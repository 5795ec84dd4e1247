import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";

/** A request of an agent and what it was answered, as both crossed the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A body that is JSON. Any other body is in `bytes`, as base64. */
  readonly body?: unknown;
  readonly bytes?: string;
  readonly status: number;
  readonly answer?: unknown;
}

export interface Wire {
  readonly url: string;
  /** By the authorization that came along, in the order of the answers. */
  readonly exchanges: readonly Exchange[];
  /** Waited for before a request goes on. An answer here is what the agent gets instead of the server's. */
  onRequest: (method: string, url: string) => Promise<number | undefined>;
  close(): void;
}

/** What an agent says of itself and of its body. The rest is the platform's. */
const KEPT = /^(authorization|content-type|flashline-.*)$/;

const kept = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      KEPT.test(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  );

function contentOf(bytes: Buffer, type: string | undefined): Pick<Exchange, "body" | "bytes"> {
  if (bytes.length === 0) return {};
  if (type?.startsWith("application/json") === true) return { body: JSON.parse(bytes.toString()) };
  return { bytes: bytes.toString("base64") };
}

/** Stands between agents and the server at `target`, on 127.0.0.1, and keeps what crosses. */
export async function openWire(target: string): Promise<Wire> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => void pass(Buffer.concat(chunks)).catch(() => outgoing.destroy()));
    const pass = async (body: Buffer): Promise<void> => {
      const { method = "GET", url = "/", headers } = incoming;
      const instead = await wire.onRequest(method, url);
      if (instead !== undefined) {
        outgoing.writeHead(instead).end();
        return;
      }
      const sent = request(new URL(url, target), {
        method,
        headers: { ...headers, host: new URL(target).host },
      });
      outgoing.once("close", () => sent.destroy());
      sent.end(body);
      const [answer] = await once(sent, "response");
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      const bytes = Buffer.concat(parts);
      const said = contentOf(bytes, answer.headers["content-type"]).body;
      const content = contentOf(body, headers["content-type"]);
      exchanges.push({
        method,
        url,
        headers: kept(headers),
        ...content,
        status: answer.statusCode,
        ...(said === undefined ? {} : { answer: said }),
      });
      outgoing.writeHead(answer.statusCode, answer.headers).end(bytes);
    };
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const wire: Wire = {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    onRequest: () => Promise.resolve(undefined),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return wire;
}
