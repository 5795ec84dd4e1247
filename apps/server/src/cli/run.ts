import { FlashlineError } from "@flashline/contract";
import { type Logger, pino } from "pino";
import { listKinds } from "../audit/kinds.ts";
import { type Config, describeConfig, readConfig } from "../config/config.ts";
import { settingsTable } from "../config/settings.ts";
import { openConfiguredDatabase, openShared } from "../platform.ts";
import { type RunningServer, serve } from "../serve.ts";
import { VERSION } from "../version.ts";
import { administer, type Task } from "./administer.ts";
import type { ServerCommand } from "./arguments.ts";
import { runAudit } from "./audit.ts";
import { runBackupTask } from "./back-up.ts";
import { copyImages } from "./blobs.ts";
import { readPassword } from "./password.ts";

/** How long a shutdown may take before the process ends anyway, milliseconds. */
const PATIENCE_MS = 20_000;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Ends the process when the server has stopped, or when its patience is over. */
async function end(server: RunningServer | undefined, log: Logger, code: number): Promise<void> {
  try {
    if (server !== undefined) {
      setTimeout(() => process.exit(1), PATIENCE_MS).unref();
      await server.stop();
    }
    log.info("stopped");
    process.exit(code);
  } catch (err) {
    log.error({ err }, "stopping failed");
    process.exit(1);
  }
}

/**
 * Stops the server on a signal. One that comes while it starts gives the start up (`giveUp`), which ends what it began: PostgreSQL goes on
 * alone when the process just ends. The patience is counted from when there is a server to stop; a start has its own bounds.
 */
function stopOnSignals(
  starting: Promise<RunningServer>,
  giveUp: AbortController,
  log: Logger,
): void {
  const stop = (signal: NodeJS.Signals) => {
    if (giveUp.signal.aborted) return;
    log.info({ signal }, "stopping");
    giveUp.abort();
    starting.then(
      (server) => end(server, log, 0),
      (err: unknown) => {
        if (err === giveUp.signal.reason) return end(undefined, log, 0);
        log.error({ err }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function start(config: Config): Promise<void> {
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  const giveUp = new AbortController();
  const starting = serve(config, log, giveUp.signal);
  stopOnSignals(starting, giveUp, log);
  const server = await starting.catch((error: unknown) => {
    if (error !== giveUp.signal.reason) throw error;
    return undefined;
  });
  if (server === undefined) return;
  log.info({ url: server.url, version: VERSION }, "listening");
  void server.superseded.then((reason) => {
    if (giveUp.signal.aborted) return;
    giveUp.abort();
    log.error({ code: reason.code }, `stopping: ${reason.message}`);
    return end(server, log, 1);
  });
}

/** The commands that need an open server, not only its configuration. */
async function administrate(command: Task, config: Config, log: Logger): Promise<void> {
  const shared = await openShared(config, log);
  try {
    await administer(command, shared, { print, readPassword });
  } finally {
    await shared.close();
  }
}

async function audit(
  command: Parameters<typeof runAudit>[0],
  config: Config,
  log: Logger,
): Promise<void> {
  const database = await openConfiguredDatabase(config, log);
  try {
    if (!(await runAudit(command, database.db, print))) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

async function migrateOnly(config: Config, log: Logger): Promise<void> {
  const database = await openConfiguredDatabase(config, log);
  await database.close();
  print("The database has this version's schema.");
}

async function execute(command: ServerCommand): Promise<void> {
  if (command.name === "config" && command.table) return print(settingsTable());
  if (command.name === "audit kinds") return print(listKinds());
  const data = "data" in command ? command.data : undefined;
  const config = readConfig(
    data === undefined ? process.env : { ...process.env, FLASHLINE_DATA: data },
  );
  if (command.name === "config") return print(JSON.stringify(describeConfig(config), null, 2));
  if (command.name === "start") return await start(config);
  const logOf = (level: string) => pino({ level }, pino.destination(2));
  const quiet = logOf("warn");
  switch (command.name) {
    case "migrate":
      // It may take minutes, and says where it is.
      return await migrateOnly(config, logOf("info"));
    case "backup":
    case "restore":
    case "drill":
      return await runBackupTask(command, config, quiet, print);
    case "blobs copy":
      return await copyImages(command, config, print);
    case "audit verify":
    case "audit head":
      return await audit(command, config, quiet);
    default:
      return await administrate(command, config, quiet);
  }
}

/** One line for what people can mend, with every problem; the whole trace for what they cannot. */
function describe(error: unknown): string {
  if (!(error instanceof FlashlineError)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const details = Array.isArray(error.details) ? error.details : [];
  return [`${error.code}: ${error.message}`, ...details.map((line) => `  ${String(line)}`)].join(
    "\n",
  );
}

/** Does what was asked for. A refusal goes to the standard error, and the exit code is 1. */
export async function run(command: ServerCommand): Promise<void> {
  try {
    await execute(command);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}
