import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** A message as an endpoint got it. */
export interface Got {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly position: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How an endpoint answers: a status, or null to leave the call without an answer. */
export type Answer = (got: Got) => number | null | Promise<number | null>;

/** An endpoint of somebody else, on a free port of this machine. */
export async function startEndpoint(answer: Answer = () => 204) {
  const got: Got[] = [];
  let answers = answer;
  let now = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    now += 1;
    most = Math.max(most, now);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const { type, data } = JSON.parse(body) as {
        type: string;
        data: { position?: number; subject?: { name: string | null } };
      };
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const message = {
        id: headers["webhook-id"] ?? "",
        type,
        headers,
        body,
        subject: data.subject?.name ?? "",
        position: data.position ?? 0,
      };
      got.push(message);
      const status = await answers(message);
      now -= 1;
      if (status !== null) response.writeHead(status, { location: "http://127.0.0.1:9/" }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    /** The largest number of calls that ran at the same time. */
    most: () => most,
    answer(next: Answer) {
      answers = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Throws unless the message is signed with this secret, as the convention's own library checks it. */
export const verify = (secret: string, { headers, body }: Got): unknown =>
  new Webhook(secret).verify(body, { ...headers });
