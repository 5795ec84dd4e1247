import type { Logger } from "pino";
import type { Config } from "./config/config.ts";
import type { Database } from "./db/database.ts";
import type { BlobStore } from "./images/blobs.ts";
import type { Bus } from "./queue/bus.ts";
import type { Queues } from "./queue/queues.ts";

/** What every feature builds on. Opened by {@link openPlatform}, closed after the app. */
export interface Platform {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly queues: Queues;
  readonly bus: Bus;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}
