/** Work that is done again and again, never twice at once. */
export interface Looping {
  start(): void;
  /** Does it soon instead of at its time: something happened. */
  wake(): void;
  /** Waits for work that runs. */
  close(): Promise<void>;
}

/** From one wake to the work, milliseconds: what else happens meanwhile is dealt with together. */
const WAKE_MS = 50;

/** Does `work` every `everyMs` milliseconds, counted from its end. `onError` hears of a failure; it is tried again. */
export function looping(
  everyMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Looping {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  let again = false;
  let closed = true;

  const run = (): void => {
    again = false;
    isRunning = true;
    running = work()
      .catch(onError)
      .then(() => {
        isRunning = false;
        if (!closed) later(again ? WAKE_MS : everyMs);
      });
  };
  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
  return {
    start() {
      closed = false;
      later(everyMs);
    },
    wake() {
      if (closed) return;
      if (isRunning) again = true;
      else if (!again) {
        again = true;
        later(WAKE_MS);
      }
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
