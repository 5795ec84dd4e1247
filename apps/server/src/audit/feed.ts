import type { FeedPage } from "@flashline/contract";
import type { ReadRepository } from "./read.repository.ts";

/** Long polls on the feed. */
export interface Feed {
  /** What came after `after`; waits for it, at most `waitMs` milliseconds, until `gone` is aborted or the server closes. */
  after(after: number, limit: number, waitMs: number, gone: AbortSignal): Promise<FeedPage>;
  /** Something was sealed, on whichever replica. */
  wake(): void;
  /** Ends every wait now. */
  close(): void;
}

export function feedOn(repository: Pick<ReadRepository, "feed" | "head">): Feed {
  const waiting = new Set<() => void>();
  let closed = false;
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };
  return {
    async after(after, limit, waitMs, gone) {
      const until = performance.now() + waitMs;
      for (;;) {
        // Waits before it asks: what is sealed while it asks wakes it.
        let wake = () => {};
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        waiting.add(wake);
        const timer = setTimeout(wake, Math.max(0, until - performance.now()));
        gone.addEventListener("abort", wake);
        try {
          const events = await repository.feed(after, limit);
          const isOver = closed || gone.aborted || performance.now() >= until;
          if (events.length > 0 || isOver) {
            return { events, head: await repository.head() };
          }
          await woken;
        } finally {
          clearTimeout(timer);
          gone.removeEventListener("abort", wake);
          waiting.delete(wake);
        }
      }
    },
    wake: wakeAll,
    close() {
      closed = true;
      wakeAll();
    },
  };
}
