import { setTimeout as pause } from "node:timers/promises";
import { DemoError } from "./errors.ts";
import type { Child } from "./processes/child.ts";
import type { Processes } from "./processes/processes.ts";
import { COMMANDS } from "./repository.ts";

export interface Login {
  readonly name: string;
  readonly role: "admin" | "engineer" | "firmware" | "operator-lead";
  readonly password: string;
}

export interface ServerProcess {
  readonly url: string;
  readonly child: Child;
  /** Runs one of the server's own commands beside it; the same data folder, the same database. */
  readonly command: (name: string, args: readonly string[], input?: string) => Promise<string>;
}

const READY_MS = 60_000;

export async function startServer(
  processes: Processes,
  options: { readonly port: number; readonly data: string },
): Promise<ServerProcess> {
  const url = `http://127.0.0.1:${options.port}`;
  const env = {
    FLASHLINE_HOST: "127.0.0.1",
    FLASHLINE_PORT: String(options.port),
    FLASHLINE_DATA: options.data,
    FLASHLINE_SERVER: url,
  };
  const child = processes.start({ name: "server", command: [COMMANDS.server, "start"], env });
  await untilReady(url, child);
  return {
    url,
    child,
    command: (name, args, input) =>
      processes.run({
        name,
        command: [COMMANDS.server, ...args],
        env: { ...env, FLASHLINE_LOG_LEVEL: "silent" },
        input: input ?? "",
      }),
  };
}

async function untilReady(url: string, child: Child): Promise<void> {
  const deadline = performance.now() + READY_MS;
  let over = false;
  void child.ended.then(() => {
    over = true;
  });
  while (performance.now() < deadline && !over) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(150);
  }
  throw new DemoError(`The server did not come up. Its last words:\n${child.tail()}`);
}
