import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { DemoError } from "../errors.ts";

export interface ChildOptions {
  /** Also the name of its log file. */
  readonly name: string;
  /** A launcher of the repository and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin at once, which then ends; without it stdin stays open. */
  readonly input?: string;
}

export interface Child {
  readonly name: string;
  readonly logFile: string;
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  readonly write: (line: string) => void;
  /** The first line of stdout for which `read` gives something; rejects when the process ends before. */
  readonly waitFor: <T>(read: (line: string) => T | undefined, timeoutMs: number) => Promise<T>;
  /** The last lines of what it said. */
  readonly tail: () => string;
  readonly stop: () => Promise<void>;
}

const TAIL_LINES = 15;
const STOP_MS = 8000;

/**
 * Starts a real process of its own process group, so that a Ctrl-C in the terminal reaches the demo alone and everything ends
 * in order.
 */
export function startChild(logFolder: string, options: ChildOptions): Child {
  const { name, command, env, input } = options;
  const logFile = join(logFolder, `${name}.log`);
  const log = createWriteStream(logFile, { flags: "a" });
  const process_ = spawn(process.execPath, [...command], {
    env: { ...ownEnvironment(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const said: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const hear = (line: string) => {
    log.write(`${line}\n`);
    said.push(line);
    if (said.length > TAIL_LINES) said.shift();
  };
  createInterface({ input: process_.stdout }).on("line", (line) => {
    hear(line);
    for (const listener of listeners) listener(line);
  });
  createInterface({ input: process_.stderr }).on("line", hear);
  process_.stdin.on("error", () => undefined);
  if (input !== undefined) process_.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => {
    process_.once("error", (error) => {
      hear(error.message);
      resolve(1);
    });
    process_.once("close", (code) => {
      log.end();
      resolve(code);
    });
  });
  const tail = () => said.join("\n");
  return {
    name,
    logFile,
    ended,
    tail,
    write: (line) => void process_.stdin.write(`${line}\n`),
    waitFor: (read, timeoutMs) =>
      new Promise((resolve, reject) => {
        const done = (finish: () => void) => {
          clearTimeout(timer);
          listeners.delete(listener);
          finish();
        };
        const fail = (why: string) =>
          done(() => reject(new DemoError(`${name} ${why}. Its last words:\n${tail()}`)));
        const timer = setTimeout(() => fail(`was not ready after ${timeoutMs} ms`), timeoutMs);
        const listener = (line: string) => {
          const found = read(line);
          if (found !== undefined) done(() => resolve(found));
        };
        listeners.add(listener);
        void ended.then((code) => fail(`ended with ${code}`));
      }),
    stop: () => stop(process_, ended),
  };
}

/** Without what belongs to somebody's real server or station: the demo uses its own services only. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(FLASHLINE_|DATABASE_URL$|REDIS_URL$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function stop(process_: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (process_.exitCode !== null || process_.signalCode !== null) return;
  process_.kill("SIGTERM");
  const late = new AbortController();
  await Promise.race([
    ended,
    pause(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  if (process_.exitCode === null && process_.signalCode === null) {
    process_.kill("SIGKILL");
    await ended;
  }
}
