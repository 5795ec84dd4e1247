import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Bench } from "../../engine/conformance/bench.ts";
import type { BenchMethod } from "../harness/remote-bench.ts";

const HOST = "10.0.2.2";

/** The bench of a unit that lives on the host. */
export function remoteBench(port: number, open: Bench["open"]) {
  const socket = connect(port, HOST);
  const waiting = new Map<number, (reply: { result?: unknown; error?: string }) => void>();
  let nextId = 1;
  createInterface({ input: socket }).on("line", (line) => {
    const { id, ...reply } = JSON.parse(line);
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });

  function call(method: BenchMethod, ...words: (number | string)[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new RangeError(error)),
      );
      socket.write(`${JSON.stringify({ id, method, arguments: words })}\n`);
    });
  }

  const bench: Bench = {
    open,
    async readFlash(address, length) {
      const bytes = await call("readFlash", address, length);
      return Uint8Array.from(Array.isArray(bytes) ? bytes : []);
    },
    alternate: async () => Number(await call("alternate")),
    loseNext: async () => void (await call("loseNext")),
    unplug: async () => void (await call("unplug")),
    plugAnother: async (serial) => void (await call("plugAnother", serial)),
  };
  return { bench, close: () => socket.destroy() };
}
