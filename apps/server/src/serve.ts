import type { Logger } from "pino";
import { buildApp } from "./app.ts";
import { type Config, describeConfig } from "./config/config.ts";
import { openPlatform } from "./platform.ts";

export interface RunningServer {
  /** Address that it listens on, "http://127.0.0.1:8370". */
  readonly url: string;
  /** Answers what is open, lets running jobs finish, stops what it started. */
  stop(): Promise<void>;
}

/** Starts a whole server. Rejects, with nothing left running, when a part does not come up. */
export async function serve(config: Config, log: Logger): Promise<RunningServer> {
  log.info({ config: describeConfig(config) }, "configuration");
  const platform = await openPlatform(config, log);
  try {
    const app = await buildApp(platform);
    try {
      const url = await app.listen({ host: config.host, port: config.port });
      return {
        url,
        async stop() {
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
