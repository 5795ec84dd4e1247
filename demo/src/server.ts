import type { Child } from "./processes/child.ts";
import type { Processes } from "./processes/processes.ts";
import { untilReady } from "./processes/ready.ts";
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
  await untilReady(child, READY_MS, async () => (await fetch(`${url}/readyz`)).ok);
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
