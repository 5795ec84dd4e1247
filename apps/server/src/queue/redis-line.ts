import { FlashlineError } from "@flashline/contract";
import type { OpenLine } from "./bus.ts";
import { openRedis } from "./redis-client.ts";

/** Replicas that share Redis and `prefix`: one connection to publish, one to listen; both reconnect by themselves. */
export function redisLine(url: string, prefix: string): OpenLine {
  const channel = `${prefix}:bus`;
  return async (receive, onError) => {
    const publisher = openRedis(url, { enableOfflineQueue: false, lazyConnect: true });
    const listener = openRedis(url, { maxRetriesPerRequest: null, lazyConnect: true });
    publisher.on("error", onError);
    listener.on("error", onError);
    listener.on("message", (_channel: string, text: string) => receive(text));
    const close = async () => {
      publisher.disconnect();
      listener.disconnect();
      await Promise.resolve();
    };
    try {
      await Promise.all([publisher.connect(), listener.connect()]);
      await listener.subscribe(channel);
    } catch (cause) {
      await close();
      throw new FlashlineError("server.unavailable", "The Redis of REDIS_URL does not answer.", {
        cause,
      });
    }
    return {
      async send(text) {
        await publisher.publish(channel, text);
      },
      close,
    };
  };
}
