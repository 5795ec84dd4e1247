import { createServer } from "node:net";

const probe = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });

/** `wanted` when it is free on 127.0.0.1 and not in `taken`, else any free port. */
export async function freePort(wanted: number, taken: ReadonlySet<number>): Promise<number> {
  const first = taken.has(wanted) ? undefined : await probe(wanted);
  if (first !== undefined) return first;
  for (;;) {
    const port = await probe(0);
    if (port !== undefined && !taken.has(port)) return port;
  }
}
