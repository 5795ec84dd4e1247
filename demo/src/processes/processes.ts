import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DemoError } from "../errors.ts";
import { type Child, type ChildOptions, startChild } from "./child.ts";

/** Everything that the demo started, so that it can end everything. */
export interface Processes {
  readonly start: (options: ChildOptions) => Child;
  /** Runs one command to its end; rejects when it fails. Resolves with its last words. */
  readonly run: (options: ChildOptions) => Promise<string>;
  /** Ends all, the last one started first. */
  readonly stopAll: () => Promise<void>;
}

export function createProcesses(logFolder: string, dataFolder: string): Processes {
  const children: Child[] = [];
  let closed = false;
  const start = (options: ChildOptions): Child => {
    // Ctrl-C may come while the stage is being set; nothing starts behind the back of stopAll.
    if (closed) throw new DemoError(`${options.name} was not started: the demo is ending.`);
    const child = startChild(logFolder, options);
    children.unshift(child);
    return child;
  };
  return {
    start,
    async run(options) {
      const child = start(options);
      const code = await child.ended;
      if (code !== 0)
        throw new DemoError(`${options.name} ended with ${code}. Its last words:\n${child.tail()}`);
      return child.tail();
    },
    async stopAll() {
      closed = true;
      const [server, others] = [children.at(-1), children.slice(0, -1)];
      await Promise.all(others.map((child) => child.stop()));
      await server?.stop();
      await stopOrphanedPostgres(dataFolder);
    },
  };
}

/** A server that had to be killed leaves its PostgreSQL running; its pid stands in its own data folder. */
async function stopOrphanedPostgres(dataFolder: string): Promise<void> {
  const files = await readdir(dataFolder, { recursive: true }).catch(() => []);
  for (const file of files.filter((name) => name.endsWith("postmaster.pid"))) {
    const [pid = ""] = (await readFile(join(dataFolder, file), "utf8").catch(() => "")).split("\n");
    // SIGQUIT is PostgreSQL's immediate shutdown.
    if (/^\d+$/.test(pid)) tryKill(Number(pid), "SIGQUIT");
  }
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
