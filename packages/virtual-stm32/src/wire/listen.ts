import { createServer, type Socket } from "node:net";
import { SimError } from "../errors.ts";

/** A listening server and its port. */
export interface WireServer {
  readonly port: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Listens on one address; port 0 takes a free one. A broken connection ends that connection only.
 * @throws SimError sim.listen
 */
export function listen(
  options: { readonly host: string; readonly port: number },
  onConnection: (socket: Socket) => void,
): Promise<WireServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new SimError("sim.listen", `cannot listen on ${options.host}:${options.port}`, { cause }),
      );
    });
    server.listen(options.port, options.host, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address ? address.port : options.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
