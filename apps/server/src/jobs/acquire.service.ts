import type { LeasedJob } from "@flashline/contract";
import { newId } from "../ids.ts";
import type { HotRepository } from "./hot.repository.ts";
import type { Signals } from "./signals.ts";

export interface AcquireService {
  /**
   * Waits for a job of the station, at most `waitMs` milliseconds; null when there was none, when a newer request of the
   * same station took over, when the station's setup changed (the agent then asks for it), when `gone` was aborted and when the
   * server closes. Asks PostgreSQL once at the start and then
   * only when something was offered.
   */
  acquire(
    stationId: string,
    freeNests: readonly string[],
    waitMs: number,
    gone: AbortSignal,
  ): Promise<LeasedJob | null>;
  /** Ends the waiting requests of a station whose credential ended, with null. */
  endStation(stationId: string): void;
  /** Ends every waiting request with null, and lets no new one wait. */
  close(): void;
}

/** Remembers one thing that happened, so that nothing is missed between two waits. */
function bell() {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async heard(): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      rung = false;
    },
  };
}

export function acquireService(repository: HotRepository, signals: Signals): AcquireService {
  const waiting = new Map<() => void, string>();
  let closed = false;

  return {
    async acquire(stationId, freeNests, waitMs, gone) {
      const token = newId();
      const something = bell();
      let over = closed;
      const end = () => {
        over = true;
        something.ring();
      };
      const unsubscribe = signals.onStation(stationId, (signal) => {
        if (signal.kind === "wake") something.ring();
        else if (signal.kind === "setup" || signal.token !== token) end();
      });
      waiting.set(end, stationId);
      gone.addEventListener("abort", end);
      const timer = setTimeout(end, waitMs);
      try {
        signals.supersedeAcquire(stationId, token);
        if (freeNests.length === 0) {
          if (!over) await something.heard();
          return null;
        }
        for (;;) {
          const job = await repository.acquire(stationId, freeNests);
          if (job !== null) {
            signals.job(job.jobId, "LEASED");
            return job;
          }
          if (over) return null;
          await something.heard();
          if (over) return null;
        }
      } finally {
        clearTimeout(timer);
        gone.removeEventListener("abort", end);
        waiting.delete(end);
        unsubscribe();
      }
    },
    endStation(stationId) {
      for (const [end, of] of [...waiting]) if (of === stationId) end();
    },
    close() {
      closed = true;
      for (const end of [...waiting.keys()]) end();
    },
  };
}
