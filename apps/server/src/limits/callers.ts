import { z } from "zod";
import type { Bus } from "../queue/bus.ts";
import { tooMany } from "./tries.ts";

const WINDOW_MS = 60_000;
/** Replicas tell each other of a caller after every so many parts of what it may. */
const TOLD_PARTS = 30;
const TOPIC = "requests-of-caller";
const Told = z.object({ key: z.string(), count: z.number().int().positive() });

export interface CallerLimit {
  /** Counts one request. Throws `request.rate_limited` when the caller has had its share of this minute. */
  take(key: string): void;
  close(): void;
}

/**
 * How many requests a minute one caller has. Counted in memory, because a statement for every request would cost more than most
 * requests; replicas tell each other of busy callers, so that all together allow a caller at most a thirtieth more a replica.
 */
export function callerLimit(bus: Bus, most: number, now: () => number = Date.now): CallerLimit {
  const part = Math.max(1, Math.floor(most / TOLD_PARTS));
  let endsAt = 0;
  let counts = new Map<string, { here: number; elsewhere: number }>();

  function countsOf(key: string) {
    if (now() >= endsAt) {
      endsAt = now() + WINDOW_MS;
      counts = new Map();
    }
    const known = counts.get(key) ?? { here: 0, elsewhere: 0 };
    counts.set(key, known);
    return known;
  }

  let telling = false;
  const stop = bus.subscribe(TOPIC, (message) => {
    if (telling) return;
    const told = Told.safeParse(message);
    if (told.success) countsOf(told.data.key).elsewhere += told.data.count;
  });
  return {
    take(key) {
      const counted = countsOf(key);
      counted.here += 1;
      if (counted.here + counted.elsewhere > most) {
        throw tooMany(Math.max(1, Math.ceil((endsAt - now()) / 1000)));
      }
      if (counted.here % part !== 0) return;
      // The bus delivers to this process too, before `publish` returns.
      telling = true;
      bus.publish(TOPIC, { key, count: part } satisfies z.infer<typeof Told>);
      telling = false;
    },
    close: stop,
  };
}
