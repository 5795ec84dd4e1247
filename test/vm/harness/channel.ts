import { createServer, type Server, type Socket } from "node:net";
import { MachineError } from "./cache.ts";

/** What a command left behind in the guest. */
export interface GuestResult {
  /** Exit status; 124 when it took longer than it was given. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Seen from the host: with the way there and back. */
  readonly ms: number;
}

export interface GuestChannel {
  readonly port: number;
  /** Resolves when the guest has called. */
  readonly ready: Promise<void>;
  run(script: string, seconds: number): Promise<GuestResult>;
  /** Makes everything that waits fail with `reason`. */
  fail(reason: Error): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly started: number;
  resolve(result: GuestResult): void;
  reject(reason: Error): void;
}

/** The host's end of guest.sh: one connection takes commands into the guest, and each result comes back on its own. */
export async function openChannel(): Promise<GuestChannel> {
  const waiting = new Map<number, Waiting>();
  const sockets = new Set<Socket>();
  let guest: Socket | undefined;
  let nextId = 1;
  let arrive: () => void = () => undefined;
  let miss: (reason: Error) => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    arrive = resolve;
    miss = reject;
  });
  ready.catch(() => undefined);

  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk;
      if (guest !== undefined || !text.startsWith("ready\n")) return;
      guest = socket;
      arrive();
    });
    socket.on("close", () => {
      sockets.delete(socket);
      if (socket !== guest) settle(text);
    });
  });

  function settle(text: string): void {
    const [head = "", out = "", error = ""] = text.split("\n");
    const [id, status] = head.split(" ").map(Number);
    const waiter = waiting.get(id ?? 0);
    if (waiter === undefined || status === undefined) return;
    waiting.delete(id ?? 0);
    waiter.resolve({
      status,
      stdout: Buffer.from(out, "base64").toString("utf8"),
      stderr: Buffer.from(error, "base64").toString("utf8"),
      ms: performance.now() - waiter.started,
    });
  }

  return {
    port: await listen(server),
    ready,
    run(script, seconds) {
      return new Promise((resolve, reject) => {
        if (guest === undefined) return reject(new MachineError("the guest has not called yet"));
        const id = nextId++;
        waiting.set(id, { started: performance.now(), resolve, reject });
        guest.write(`${id} ${seconds} ${Buffer.from(script).toString("base64")}\n`);
      });
    },
    fail(reason) {
      miss(reason);
      for (const waiter of waiting.values()) waiter.reject(reason);
      waiting.clear();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
