import { rest } from "../signals.ts";
import { backoffMs } from "./backoff.ts";

export interface Delivery {
  /** There is something new to deliver, or the server is back. */
  wake(): void;
  stop(): Promise<void>;
}

/** How a round went: there is more to deliver, there is nothing, or the server did not take something and it must be tried again. */
export type RoundEnd = "more" | "done" | "away";

/** A round starts after this time without a wake-up, in case one was missed; milliseconds. */
const IDLE_MS = 3600_000;

/**
 * Round after round until it is stopped: the next one at once where there is more, after a pause that grows while the server is
 * away, and otherwise when it is woken. `round` never rejects; it ends early when `stopping` is aborted.
 */
export function startRounds(
  round: (stopping: AbortSignal) => Promise<RoundEnd>,
  random?: () => number,
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
