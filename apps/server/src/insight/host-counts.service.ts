import type { HostsRepository } from "./hosts.repository.ts";

/** What a host did is counted over this time, milliseconds: fourteen days. */
const WINDOW_MS = 14 * 24 * 60 * 60_000;
/** Results that arrive within this time are counted together, milliseconds. */
const DEBOUNCE_MS = 1_000;
/** Counting may take one part in so many of the time, however many attempts there are. */
const REST = 10;

export const windowStart = (now: Date): Date => new Date(now.getTime() - WINDOW_MS);

export interface HostCountsService {
  /** Counts soon; many calls make one count. */
  ask(): void;
  /** Counts when results came in since this replica last did. */
  catchUp(): Promise<void>;
  /** Waits for a count that runs. */
  close(): Promise<void>;
}

/**
 * What the page of hosts shows of each beside its verdict. `onCounted` hears of every count, `onError` of one that failed: the next result
 * or minute tries again.
 */
export function hostCountsService(
  repository: HostsRepository,
  onCounted: () => void,
  onError: (error: unknown) => void,
): HostCountsService {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  let upTo: Date | null = null;
  let tookMs = 0;

  /** False: another replica is at it. */
  async function count(): Promise<boolean> {
    const began = performance.now();
    return await repository.alone(async () => {
      const newest = await repository.newest();
      await repository.count(windowStart(new Date()));
      onCounted();
      upTo = newest;
      tookMs = performance.now() - began;
    });
  }
  function later(): void {
    timer = setTimeout(
      () => {
        timer = undefined;
        running = count()
          .then((done) => {
            if (!done) ask();
          })
          .catch(onError);
      },
      Math.max(DEBOUNCE_MS, tookMs * REST),
    );
  }
  function ask(): void {
    if (!closed && timer === undefined) later();
  }

  return {
    ask,
    async catchUp() {
      const newest = await repository.newest();
      if (newest !== null && newest.getTime() !== upTo?.getTime()) await count();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
