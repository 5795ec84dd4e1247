import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";
import type pg from "pg";
import { patientConnection, SafeClient } from "../connection.ts";
import { type Account, postgresAccount } from "./account.ts";
import { type Binaries, installedBinaries, majorOf, reachableBinaries } from "./binaries.ts";
import { clusterFolder, clusterPassword, ownFiles } from "./folder.ts";
import { postmasterOf } from "./left-over.ts";
import { choosePort } from "./port.ts";
import { inTurn } from "./turn.ts";
import { refuseOtherMajor } from "./version.ts";

export interface EmbeddedOptions {
  /** Folder for the cluster and its password. */
  readonly data: string;
  /** On 127.0.0.1; 0: any free one. A cluster that still runs keeps its own. */
  readonly port?: number;
  /** Another PostgreSQL's `bin` folder; default: the one that npm installed. */
  readonly binaries?: Binaries;
  /** Extra "name=value" settings of the server. */
  readonly settings?: readonly string[];
  /** Gives the start up: it rejects with the signal's reason, and nothing that it began goes on. */
  readonly signal?: AbortSignal | undefined;
  /** It died, or could not be started again: it is tried every second. */
  readonly onTrouble?: (message: string, error?: unknown) => void;
}

export interface EmbeddedCluster {
  /** Of the database "flashline"; stays the same when it has to be started again. */
  readonly url: string;
  /** True when it ran already, left over from a server that was killed or in use by another one. */
  readonly adopted: boolean;
  /** Stops it when no other process uses it. The last user stops it, whoever started it. */
  stop(): Promise<void>;
}

const DATABASE = "flashline";
/** All that use the cluster share this lock. Who gets it alone is the last user. */
const USER_LOCK = 8_370_001;
const RETRY_MS = 1_000;

interface Tools {
  readonly account: Account;
  readonly binaries: Binaries;
  readonly folder: string;
}

/** Runs one of PostgreSQL's programs. Rejects with `server.unavailable`, or with the reason of `signal`, which ends it. */
async function tool(
  tools: Tools,
  name: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(path.join(tools.binaries, name), args, {
    ...tools.account.ids,
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe"],
    // Else Ctrl-C would end pg_ctl too, and leave the PostgreSQL that it had begun.
    detached: true,
  });
  const end = () => child.kill();
  signal?.addEventListener("abort", end, { once: true });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  const [code] = await once(child, "close").catch((error: unknown) => [String(error)]);
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  if (code === 0) return;
  const log = path.join(tools.folder, "postgres.log");
  const tail = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(-8).join("\n") : "";
  const why =
    said.trim() === "" ? `it ended with ${String(code ?? child.signalCode)}` : said.trim();
  throw new FlashlineError("server.unavailable", `${name} failed: ${why}\n${tail}`.trim());
}

const stopCluster = (tools: Tools): Promise<void> =>
  tool(tools, "pg_ctl", ["stop", "-w", "-m", "fast", "-D", path.join(tools.folder, "data")]);

async function initialise(tools: Tools, password: string, signal?: AbortSignal): Promise<void> {
  const database = path.join(tools.folder, "data");
  // An initdb that was interrupted leaves a folder without this file's last lines; it holds nothing yet.
  if (existsSync(path.join(tools.folder, "initialised"))) return;
  rmSync(database, { recursive: true, force: true });
  const secret = path.join(tools.folder, "password.tmp");
  writeFileSync(secret, password, { mode: 0o600 });
  const { uid, gid } = tools.account.ids;
  if (uid !== undefined && gid !== undefined) chownSync(secret, uid, gid);
  try {
    const args = [
      `--pgdata=${database}`,
      "--username=flashline",
      `--pwfile=${secret}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
    ];
    await tool(tools, "initdb", args, signal);
  } finally {
    rmSync(secret, { force: true });
  }
  writeFileSync(path.join(tools.folder, "initialised"), new Date().toISOString());
}

const urlOf = (port: number, password: string, database: string): string =>
  `postgresql://flashline:${password}@127.0.0.1:${port}/${database}`;

const isSamePlace = (a: string, b: string): boolean =>
  a === b || (existsSync(a) && realpathSync(a) === realpathSync(b));

/** Port of a cluster that runs and takes our password; a stale postmaster.pid is PostgreSQL's own business. Throws `config.invalid` for a torn copy. */
async function running(folder: string, password: string): Promise<number | undefined> {
  const file = path.join(folder, "data", "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const port = Number(readFileSync(file, "utf8").split("\n")[3]);
  if (!Number.isInteger(port) || port === 0) return undefined;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const client = new SafeClient(patientConnection(urlOf(port, password, "postgres")));
    try {
      await client.connect();
      const [row] = (await client.query<{ at: string }>("SHOW data_directory")).rows.map((r) => ({
        at: Object.values(r)[0],
      }));
      await client.end();
      if (isSamePlace(String(row?.at), path.join(folder, "data"))) return port;
      throw new FlashlineError(
        "config.invalid",
        `${folder} was copied from ${row?.at} while its PostgreSQL ran: such a copy may be torn. Nothing was changed. Restore a back-up: flashline-server restore.`,
      );
    } catch (error) {
      if (error instanceof FlashlineError) throw error;
      await client.end().catch(() => undefined);
      const code = error instanceof Error && "code" in error ? error.code : "";
      // 57P03: it is starting or recovering.
      if (code !== "57P03") return undefined;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  return undefined;
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new SafeClient(patientConnection(urlOf(port, password, "postgres")));
  await client.connect();
  try {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    // Two servers started at once.
    if (!(error instanceof Error && "code" in error && error.code === "42P04")) throw error;
  } finally {
    await client.end();
  }
}

async function start(tools: Tools, options: EmbeddedOptions): Promise<number> {
  const port = await choosePort(tools.folder, options.port ?? 0);
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    "unix_socket_directories=",
    "max_connections=200",
    "timezone=UTC",
    ...(options.settings ?? []),
  ];
  const flags = settings.map((setting) => `-c '${setting}'`).join(" ");
  const files = [
    "-D",
    path.join(tools.folder, "data"),
    "-l",
    path.join(tools.folder, "postgres.log"),
  ];
  const before = postmasterOf(tools.folder);
  try {
    await tool(tools, "pg_ctl", ["start", "-w", "-t", "60", ...files, "-o", flags]);
  } catch (error) {
    // It waited for too long, or was ended while it did: what it began would go on alone.
    const begun = postmasterOf(tools.folder);
    if (begun !== undefined && begun !== before) await stopCluster(tools).catch(() => undefined);
    throw error;
  }
  return port;
}

/** A connection that says to all others that the cluster is in use. */
async function use(url: string): Promise<pg.Client> {
  const client = new SafeClient(patientConnection(url, "flashline-user"));
  await client.connect();
  await client.query("SELECT pg_advisory_lock_shared($1)", [USER_LOCK]);
  return client;
}

/** Uses the cluster anew with `again` whenever the connection ends by itself: PostgreSQL was killed, or crashed. */
function guardUse(
  first: pg.Client,
  onTrouble: EmbeddedOptions["onTrouble"],
  again: () => Promise<pg.Client>,
): { end(): Promise<void> } {
  const ending = new AbortController();
  let reviving: Promise<void> = Promise.resolve();
  let user = first;
  const revive = async () => {
    onTrouble?.("the embedded PostgreSQL was lost");
    while (!ending.signal.aborted) {
      try {
        user = await again();
        watch(user);
        return;
      } catch (error) {
        onTrouble?.("the embedded PostgreSQL could not be started again", error);
        await pause(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  };
  const watch = (client: pg.Client) =>
    client.once("end", () => {
      if (!ending.signal.aborted) reviving = revive();
    });
  watch(first);
  return {
    async end() {
      ending.abort();
      await reviving;
      await user.end().catch(() => undefined);
    },
  };
}

/** Whether no client uses the cluster any more. Also false when it does not answer, because then there is nothing to stop. */
async function isUnused(url: string): Promise<boolean> {
  const client = new SafeClient(patientConnection(url, "flashline-user"));
  try {
    await client.connect();
    const { rows } = await client.query<{ alone: boolean }>(
      "SELECT pg_try_advisory_lock($1) AS alone",
      [USER_LOCK],
    );
    return rows[0]?.alone === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Starts PostgreSQL on 127.0.0.1 with its data under `data`, or joins the one that runs there: of another process, or left over
 * from a server that was killed. Rejects with `config.invalid` where it cannot run or open what is there, and with
 * `server.unavailable` and its log's tail when it does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const account = postgresAccount();
  const binaries = reachableBinaries(options.binaries ?? installedBinaries(), account);
  const folder = clusterFolder(options.data, account);
  const tools: Tools = { account, binaries, folder };
  const { signal } = options;
  const begin = async () => {
    const password = clusterPassword(options.data);
    refuseOtherMajor(folder, majorOf(binaries, account));
    await initialise(tools, password, signal);
    ownFiles(folder, account);
    const found = await running(folder, password);
    const port = found ?? (await start(tools, options));
    const url = urlOf(port, password, DATABASE);
    const stopUnused = async () => {
      if (await isUnused(url)) await stopCluster(tools);
    };
    const user = await (async () => {
      signal?.throwIfAborted();
      await ensureDatabase(port, password);
      return await use(url);
    })().catch(async (error: unknown) => {
      // Nobody else has joined what was begun here: it is our turn.
      await (found === undefined ? stopCluster(tools) : stopUnused()).catch(() => undefined);
      throw error;
    });
    const guard = guardUse(user, options.onTrouble, () =>
      inTurn(folder, async () => {
        if ((await running(folder, password)) === undefined)
          await start(tools, { ...options, port });
        return await use(url);
      }),
    );
    return {
      url,
      adopted: found !== undefined,
      async stop() {
        await guard.end();
        await inTurn(folder, stopUnused);
      },
    };
  };
  return await inTurn(folder, begin, signal);
}
