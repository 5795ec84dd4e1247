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

/**
 * Makes `client` report its end also when it is closed between two tries to reconnect. ioredis then drops the next try and
 * reports nothing. The worker of BullMQ blocks on a copy of the client and waits for that report before it closes: it would
 * wait for ever.
 */
function ending(client: Redis): Redis {
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect = false) => {
    // There is no connection that could end. One that was not opened yet has none either, and is closed with that word.
    if (client.status === "reconnecting" && !reconnect) client.status = "wait";
    disconnect(reconnect);
  };
  const duplicate: Redis["duplicate"] = client.duplicate.bind(client);
  client.duplicate = (override) => ending(duplicate(override) as Redis) as never;
  return client;
}

/** A client that reconnects within half a second of Redis being back; copies that BullMQ makes of it do the same. */
export const openRedis = (url: string, options: RedisBehaviour): Redis =>
  ending(new Redis(url, { ...options, retryStrategy: () => RETRY_MS }));
