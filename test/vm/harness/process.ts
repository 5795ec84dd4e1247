import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MachineError } from "./cache.ts";

const ROOT = join(import.meta.dirname, "../../..");
const START_SECONDS = 120;
const END_SECONDS = 60;

/** A command of this project that runs on the host beside the machine. */
export interface HostProcess {
  /** Lines of the standard output so far. */
  readonly lines: readonly string[];
  write(line: string): void;
  /** Resolves with the first line, past or future, that `accept` takes. @throws MachineError when the process ends before */
  line(accept: (line: string) => boolean): Promise<string>;
  /** The exit status, when the process ends. */
  readonly ended: Promise<number | null>;
  /** The last of the error output. */
  errors(): string;
  /** SIGTERM, and the exit status. */
  stop(): Promise<number | null>;
}

export function startProcess(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): HostProcess {
  const child = spawn(process.execPath, [join(ROOT, program), ...words], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  let errors = "";
  let over = false;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    changed();
  });
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-8192);
  });
  const closed = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      over = true;
      resolve(code);
      changed();
    });
    child.once("error", (error) => {
      errors += error.message;
    });
  });
  process.once("exit", () => child.kill("SIGKILL"));

  return {
    lines,
    ended: closed,
    errors: () => errors,
    write: (line) => child.stdin.write(`${line}\n`),
    line(accept) {
      return new Promise((resolve, reject) => {
        const give = (message: string) =>
          reject(new MachineError(`${program} ${words.join(" ")}: ${message}\n${errors}`));
        // Nobody else ends a process whose start was given up.
        const tooLate = () => {
          child.kill("SIGTERM");
          finish(() => give("no such line"));
        };
        const timer = setTimeout(tooLate, START_SECONDS * 1000);
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        const look = () => {
          const found = lines.find(accept);
          if (found !== undefined) finish(() => resolve(found));
          else if (over) finish(() => give("ended"));
        };
        listeners.add(look);
        look();
      });
    },
    stop: () => stop(child, closed),
  };
}

async function stop(child: ChildProcess, closed: Promise<number | null>): Promise<number | null> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_SECONDS * 1000);
  const code = await closed;
  clearTimeout(timer);
  return code;
}
