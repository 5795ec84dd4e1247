import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Not the developer's own. */
const STATE = join(tmpdir(), `flashline-state-${process.pid}`);
process.once("exit", () => rmSync(STATE, { recursive: true, force: true }));

export const FLASHLINE = fileURLToPath(
  new URL("../../../apps/cli/bin/flashline.js", import.meta.url),
);

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stdout that are JSON objects. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The last of them. */
  readonly last: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed or piped into it. */
  readonly input?: string;
}

/** Runs `flashline` as a person would, from its launcher and without a build. */
export async function flashline(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [FLASHLINE, ...args], {
    cwd: options.cwd,
    env: { ...process.env, XDG_STATE_HOME: STATE, ...options.env },
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(options.input);
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once("close", resolve)),
  ]);
  const events = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
  return { code, stdout, stderr, events, last: events.at(-1) ?? {} };
}

export async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  if (stream === null) return text;
  for await (const chunk of stream) text += String(chunk);
  return text;
}

export interface Simulator {
  readonly port: number;
  /** "127.0.0.1:PORT", or of one unit. */
  readonly at: (busid?: string) => string;
  readonly command: (line: string) => void;
  /** SIGTERM, and its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** A real `flashline sim` on a free port. */
export async function startSimulator(args: readonly string[]): Promise<Simulator> {
  const child = spawn(process.execPath, [FLASHLINE, "sim", "--json", "--usbip", "0", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const port = await listeningPort(child);
  return {
    port,
    at: (busid) => `127.0.0.1:${port}${busid === undefined ? "" : `/${busid}`}`,
    command: (line) => void child.stdin?.write(`${line}\n`),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("close", (code) => reject(new RangeError(`flashline sim ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once("line", (line) => {
      const { usbip }: { usbip: number } = JSON.parse(line);
      resolve(usbip);
    });
  });
}
