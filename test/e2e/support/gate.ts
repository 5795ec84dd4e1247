import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** The way to a server, which is there or not: a server need not be stopped to be away. */
export interface Gate {
  readonly url: string;
  /** Whoever is on the way loses it, and nobody comes in. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** Open. `to`: the server's address. */
export async function startGate(to: string): Promise<Gate> {
  const { hostname, port: serverPort } = new URL(to);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  };
  const open = async (): Promise<void> => {
    if (server !== undefined) return;
    server = createServer((near) => {
      const far = connect(Number(serverPort), hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        keep(one);
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
        one.pipe(other);
      }
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) port = address.port;
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    open,
    async shut() {
      const before = server;
      if (before === undefined) return;
      server = undefined;
      before.close();
      for (const socket of sockets) socket.destroy();
      await once(before, "close");
    },
  };
}
