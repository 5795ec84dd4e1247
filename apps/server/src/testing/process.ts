import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { FlashlineError } from "@flashline/contract";
import { freePort } from "./ports.ts";

const SERVER = fileURLToPath(new URL("../../bin/flashline-server.js", import.meta.url));

export type Environment = Readonly<Record<string, string>>;

const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(FLASHLINE_|AWS_|OTEL_|DATABASE_URL$|REDIS_URL$)/.test(name),
    ),
  );

/**
 * `flashline-server start` with these settings and no others; in a process group of its own where it is `detached`. `enter`: words of a
 * program that becomes it.
 */
export function spawnServer(
  environment: Environment,
  detached = false,
  enter: readonly string[] = [],
) {
  const [program = "", ...words] = [...enter, process.execPath, SERVER, "start"];
  return spawn(program, words, {
    env: { ...cleanEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
}

/** `flashline-server start` as a process of its own. */
export interface ServerProcess {
  readonly url: string;
  /** Of the process as it was started last. */
  pid(): number;
  /** "runs", or how it ended by itself. */
  fate(): string;
  output(): string;
  start(): Promise<void>;
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** How long a server may take to start, milliseconds. One that migrates much takes longer. */
const UP_MS = 40_000;

/** `enter` as {@link spawnServer} takes it. */
export async function startServerProcess(
  environment: Environment,
  upMs = UP_MS,
  enter: readonly string[] = [],
): Promise<ServerProcess> {
  const port = environment["FLASHLINE_PORT"] ?? String(await freePort());
  const url = `http://${environment["FLASHLINE_HOST"] ?? "127.0.0.1"}:${port}`;
  let child: ChildProcess | undefined;
  let said = "";
  const start = async (): Promise<void> => {
    const settings = { FLASHLINE_LOG_LEVEL: "warn", ...environment, FLASHLINE_PORT: port };
    const started = spawnServer(settings, false, enter);
    child = started;
    const hear = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-60_000);
    };
    started.stdout.on("data", hear);
    started.stderr.on("data", hear);
    for (const deadline = performance.now() + upMs; performance.now() < deadline; ) {
      const answer = await fetch(`${url}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (started.exitCode !== null) break;
      await pause(50);
    }
    started.kill("SIGKILL");
    throw new FlashlineError("server.unavailable", `The server did not come up:\n${said}`);
  };
  await start();
  return {
    url,
    pid: () => child?.pid ?? 0,
    fate() {
      if (child?.exitCode === null && child.signalCode === null) return "runs";
      return `ended with ${child?.exitCode ?? child?.signalCode}: ${said.slice(-3_000)}`;
    },
    output: () => said,
    start,
    async end(signal = "SIGTERM") {
      const ending = child;
      if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
      const gone = once(ending, "close");
      ending.kill(signal);
      await gone;
    },
  };
}
