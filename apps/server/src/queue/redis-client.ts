import { Redis } from "ioredis";

/** A connection asks again this long after it failed, milliseconds; ioredis would wait ever longer, and be late when Redis is back. */
const RETRY_MS = 500;

export interface RedisBehaviour {
  /** False: a command fails at once while there is no connection. */
  readonly enableOfflineQueue?: boolean;
  readonly lazyConnect?: boolean;
  /** Null: a command waits for a connection however long it takes. */
  readonly maxRetriesPerRequest?: number | null;
}

/** A client that reconnects within half a second of Redis being back; copies that BullMQ makes of it do the same. */
export const openRedis = (url: string, options: RedisBehaviour): Redis =>
  new Redis(url, { ...options, retryStrategy: () => RETRY_MS });
