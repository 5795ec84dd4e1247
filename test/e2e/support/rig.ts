import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, createClient, type TokenScope } from "@flashline/contract";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { freePort } from "@flashline/server/testing/ports";
import { formatPublicKey, generateKeyPair, type SecretKey } from "@flashline/signing";

const bin = (app: string, name: string): string =>
  fileURLToPath(new URL(`../../../apps/${app}/bin/${name}.js`, import.meta.url));
const SERVER = bin("server", "flashline-server");
export const AGENT = bin("agent", "flashline-agent");

/** It may stand behind a whole nightly run. */
const READY_MS = 240_000;

export type Environment = Readonly<Record<string, string>>;

/** A real process with its output kept for the failure message. */
export interface Process {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Ends it and resolves when it is gone. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
}

/** `under`: a program with its words that runs it. */
export function startProcess(
  script: string,
  args: readonly string[],
  env: Environment,
  under: readonly string[] = [],
): Process {
  const [program = process.execPath, ...words] = [...under, process.execPath, script, ...args];
  const child = spawn(program, words, {
    env: { ...cleanEnvironment(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  const hear = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const gone = once(child, "close");
  return {
    child,
    output: () => output,
    async end(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}

export async function runProcess(
  script: string,
  args: readonly string[],
  env: Environment,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const started = startProcess(script, args, env);
  started.child.stdin?.end();
  const [code]: (number | null)[] = await once(started.child, "close");
  return { code: code ?? null, output: started.output() };
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(FLASHLINE_|DATABASE_URL$|REDIS_URL$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
  lastWords: () => string = () => "",
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new RangeError(`${what}: not within ${timeoutMs} ms\n${lastWords().slice(-4000)}`);
    }
    await pause(40);
  }
}

/** A real server on its own PostgreSQL, with a key that it trusts and a token that may do everything. */
export interface Rig {
  readonly folder: string;
  readonly url: string;
  readonly api: Client<AbortSignal>;
  readonly token: string;
  /** Another token, by the server's own command. */
  readonly addToken: (name: string, scopes: readonly TokenScope[]) => Promise<string>;
  readonly secretKey: SecretKey;
  readonly publicKeyFile: string;
  /** The server process; another one after `restart`. */
  readonly stopServer: (signal?: NodeJS.Signals) => Promise<void>;
  readonly startServer: () => Promise<void>;
  /** Of the server process; PostgreSQL is its child. */
  readonly serverPid: () => number;
  /** All that the server processes said so far. */
  readonly serverOutput: () => string;
  readonly close: () => Promise<void>;
}

const SCOPES: readonly TokenScope[] = [
  "read",
  "releases:publish",
  "releases:promote",
  "orders:write",
  "stations:write",
];

/** With `more` in the server's environment. */
export async function startRig(more: Environment = {}): Promise<Rig> {
  const folder = temporaryDataFolder("e2e");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    FLASHLINE_DATA: join(folder, "server"),
    FLASHLINE_PORT: String(port),
    FLASHLINE_LOG_LEVEL: "warn",
    ...more,
  };
  let server: Process | undefined;
  let said = "";
  const startServer = async (): Promise<void> => {
    const started = startProcess(SERVER, ["start"], env);
    server = started;
    const ready = async () =>
      (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true ? true : undefined;
    try {
      await until("the server is ready", ready, READY_MS, started.output);
    } catch (error) {
      await started.end();
      throw error;
    }
  };
  await startServer();

  const { publicKey, secretKey } = generateKeyPair();
  const publicKeyFile = join(folder, "release.pub");
  await writeFile(publicKeyFile, formatPublicKey(publicKey));
  await administer(["key", "add", publicKeyFile], env);
  const addToken: Rig["addToken"] = async (name, scopes) => {
    const given = scopes.flatMap((scope) => ["--scope", scope]);
    const answer = await administer(["token", "add", name, ...given], env);
    return answer.split(/\s+/).findLast((word) => /^[\w-]{24,}$/.test(word)) ?? "";
  };
  const token = await addToken("test", SCOPES);
  const headers = () => ({ authorization: `Bearer ${token}` });
  return {
    folder,
    url,
    api: createClient<AbortSignal>({ baseUrl: url, fetch, headers }),
    token,
    addToken,
    secretKey,
    publicKeyFile,
    startServer,
    serverPid: () => server?.child.pid ?? 0,
    serverOutput: () => said + (server?.output() ?? ""),
    async stopServer(signal) {
      await server?.end(signal);
      said += server?.output() ?? "";
      server = undefined;
    },
    async close() {
      await server?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function administer(args: readonly string[], env: Environment): Promise<string> {
  const { code, output } = await runProcess(SERVER, args, env);
  if (code !== 0) throw new RangeError(`flashline-server ${args.join(" ")}: ${code}\n${output}`);
  return output;
}
