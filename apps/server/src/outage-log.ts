import type { Logger } from "pino";
import { databaseErrorFrom } from "./db/errors.ts";
import { redisIsAway } from "./redis-errors.ts";
import { BlobsUnavailable } from "./storage/blobs.ts";

/** What a server cannot work without and does not hold itself. */
export type Dependency = "database" | "redis" | "images";

/**
 * Tells an outage of a dependency once when it begins, with one stack trace, and once when it is over; the errors in between
 * are only counted. Which dependency an error is of is known where it comes from: refused connections look alike.
 */
export interface OutageLog {
  /** True when `error`, which came from `dependency`, is one of an outage and needs no other line in the log. */
  note(dependency: Dependency, error: unknown): boolean;
  /** Logs what somebody has to know beside the outage itself, each `message` once in each outage. */
  explain(dependency: Dependency, message: string, error: unknown): void;
  /** How an outage of `dependency` is found to be over: `ping` rejects while it lasts. Once for each. */
  watch(dependency: Dependency, ping: () => Promise<unknown>): void;
  /** Stops asking whether a dependency is back. */
  close(): void;
}

/** Milliseconds between two looks whether a dependency is back. */
const LOOK_MS = 500;
/** It is back when it answers and no error came for this long, because connections of one process come back one by one. Milliseconds. */
const SETTLE_MS = 2_000;

const IS_AWAY: Readonly<Record<Dependency, (error: unknown) => boolean>> = {
  database: (error) =>
    !(error instanceof BlobsUnavailable) && databaseErrorFrom(error).code === "server.unavailable",
  images: (error) => error instanceof BlobsUnavailable && error.away,
  redis: redisIsAway,
};
const NAMES: Readonly<Record<Dependency, string>> = {
  database: "the database",
  redis: "Redis",
  images: "the store of images",
};

interface Outage {
  readonly since: number;
  last: number;
  suppressed: number;
  readonly explained: Set<string>;
  readonly timer: NodeJS.Timeout;
}

export function outageLog(log: Logger): OutageLog {
  const outages = new Map<Dependency, Outage>();
  const pings = new Map<Dependency, () => Promise<unknown>>();
  let closed = false;

  /** Looks until it is back, never twice at once. */
  const look = (dependency: Dependency) => async (): Promise<void> => {
    const outage = outages.get(dependency);
    const ping = pings.get(dependency);
    if (outage === undefined) return;
    const answers = await ping?.().then(
      () => true,
      () => false,
    );
    if (closed) return;
    if (answers !== true || performance.now() - outage.last < SETTLE_MS) {
      outage.timer.refresh();
      return;
    }
    outages.delete(dependency);
    const seconds = Math.round((outage.last - outage.since) / 100) / 10;
    const { suppressed } = outage;
    log.warn({ dependency, suppressed, seconds }, `${NAMES[dependency]} is back`);
  };

  const begin = (dependency: Dependency): Outage => {
    const now = performance.now();
    const timer = setTimeout(look(dependency), LOOK_MS);
    timer.unref();
    const outage: Outage = { since: now, last: now, suppressed: 0, explained: new Set(), timer };
    outages.set(dependency, outage);
    return outage;
  };

  return {
    note(dependency, error) {
      if (!IS_AWAY[dependency](error)) return false;
      const known = outages.get(dependency);
      if (known !== undefined) {
        known.suppressed += 1;
        known.last = performance.now();
        return true;
      }
      if (closed) return true;
      begin(dependency);
      const message = `${NAMES[dependency]} is away: its errors are counted until it is back`;
      log.warn({ dependency, err: error }, message);
      return true;
    },
    explain(dependency, message, error) {
      const outage = outages.get(dependency);
      if (outage?.explained.has(message) === true) {
        outage.suppressed += 1;
        return;
      }
      outage?.explained.add(message);
      log.warn({ dependency, err: error }, message);
    },
    watch(dependency, ping) {
      pings.set(dependency, ping);
    },
    close() {
      closed = true;
      for (const { timer } of outages.values()) clearTimeout(timer);
      outages.clear();
    },
  };
}
