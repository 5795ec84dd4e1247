import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Bench } from "../../engine/conformance/bench.ts";

export type BenchMethod = Exclude<keyof Bench, "open">;

/** One line each way. Bytes travel as arrays of numbers. */
export interface BenchRequest {
  readonly id: number;
  readonly method: BenchMethod;
  readonly arguments: readonly (number | string)[];
}

/** Lets a program in the guest work on a unit of this process. */
export async function serveBench(bench: Omit<Bench, "open">) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const request: BenchRequest = JSON.parse(line);
      void answer(bench, request).then((reply) => {
        socket.write(`${JSON.stringify({ id: request.id, ...reply })}\n`);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(bench: Omit<Bench, "open">, request: BenchRequest) {
  const [first, second] = request.arguments;
  try {
    switch (request.method) {
      case "readFlash":
        return { result: [...(await bench.readFlash(Number(first), Number(second)))] };
      case "alternate":
        return { result: await bench.alternate() };
      case "loseNext":
        return { result: await bench.loseNext() };
      case "unplug":
        return { result: await bench.unplug() };
      case "plugAnother":
        return { result: await bench.plugAnother(String(first)) };
    }
  } catch (error) {
    return { error: String(error) };
  }
}
