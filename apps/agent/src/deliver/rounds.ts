import { retryAfterS } from "../server/refusal.ts";
import { rest } from "../signals.ts";
import { backoffMs } from "./backoff.ts";

export interface Delivery {
  /** There is something new to deliver, or the server is back. */
  wake(): void;
  stop(): Promise<void>;
}

/** The server did not take something and it must be tried again; or it said after how long, milliseconds. */
export type NotTaken = "away" | { readonly pauseMs: number };

/** How a round went: there is more to deliver, there is nothing, or something was not taken. */
export type RoundEnd = "more" | "done" | NotTaken;

/** A round starts after this time without a wake-up, in case one was missed; milliseconds. */
const IDLE_MS = 3600_000;
/** No server keeps a result waiting for longer by saying so, milliseconds: its limits count minutes. */
const LONGEST_PAUSE_MS = 60_000;
/** Stations that were sent away at one time do not come back in step, milliseconds. */
const SPREAD_MS = 1_000;

/** Of a call that is to be tried again. */
export function notTaken(error: unknown): NotTaken {
  const seconds = retryAfterS(error);
  return seconds === undefined ? "away" : { pauseMs: Math.min(seconds * 1000, LONGEST_PAUSE_MS) };
}

/**
 * Round after round until it is stopped: the next one at once where there is more, after a pause that grows while the server is
 * away, not before the time that the server said, and otherwise when it is woken. `round` never rejects; it ends early when `stopping` is aborted.
 */
export function startRounds(
  round: (stopping: AbortSignal) => Promise<RoundEnd>,
  random: () => number = Math.random,
): Delivery {
  const stopping = new AbortController();
  let wakeUp = new AbortController();

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      wakeUp = new AbortController();
      const end = await round(stopping.signal);
      failures = end === "away" ? failures + 1 : 0;
      if (end === "more") continue;
      if (typeof end === "object") {
        // Whoever has something new meanwhile would only be sent away once more.
        await rest(end.pauseMs + SPREAD_MS * random(), stopping.signal);
        continue;
      }
      const pauseMs = end === "away" ? backoffMs(failures, random) : IDLE_MS;
      await rest(pauseMs, stopping.signal, wakeUp.signal);
    }
  })();

  return {
    wake: () => wakeUp.abort(),
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
