import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import { buildApp } from "./app.ts";
import { type Config, describeConfig } from "./config/config.ts";
import { migrationNames } from "./db/migrate.ts";
import { watchForNewer } from "./db/newer.ts";
import { openPlatform } from "./platform.ts";

export interface RunningServer {
  /** Address that it listens on, "http://127.0.0.1:8370". */
  readonly url: string;
  /** Resolves, with the reason, when a newer server has changed the database: this one is to stop. */
  readonly superseded: Promise<FlashlineError>;
  /** Answers what is open, lets running jobs finish, stops what it started. */
  stop(): Promise<void>;
}

const NO_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "this name has no address",
  EACCES: "this account may not use that port",
};

function listenErrorFrom(cause: unknown, at: string): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = NO_LISTENING[code];
  if (why === undefined) return cause;
  const message = `The server cannot listen on ${at}: ${why} (FLASHLINE_HOST, FLASHLINE_PORT).`;
  return new FlashlineError("config.invalid", message, { cause });
}

/** Starts a whole server. Rejects, with nothing left running, when a part does not come up or `signal` gives it up. */
export async function serve(
  config: Config,
  log: Logger,
  signal?: AbortSignal,
): Promise<RunningServer> {
  log.info({ config: describeConfig(config) }, "configuration");
  const platform = await openPlatform(config, log, signal);
  try {
    signal?.throwIfAborted();
    const app = await buildApp(platform);
    try {
      const { host, port } = config;
      const url = await app.listen({ host, port }).catch((cause: unknown) => {
        throw listenErrorFrom(cause, `${host}:${port}`);
      });
      const known = await migrationNames();
      let tell: (reason: FlashlineError) => void = () => undefined;
      const superseded = new Promise<FlashlineError>((resolve) => {
        tell = resolve;
      });
      const watch = watchForNewer(platform.db.sql, known, tell, (err) => {
        if (!platform.outages.note("database", err)) log.warn({ err }, "look for a newer server");
      });
      watch.start();
      return {
        url,
        superseded,
        async stop() {
          await watch.close();
          await app.close();
          await platform.close();
        },
      };
    } catch (error) {
      await app.close();
      throw error;
    }
  } catch (error) {
    await platform.close();
    throw error;
  }
}
