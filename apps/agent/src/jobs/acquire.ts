import type { LeasedJob } from "@flashline/contract";
import type { Logger } from "pino";
import { backoffMs } from "../deliver/backoff.ts";
import type { ServerLink } from "../server/link.ts";
import { linkSignals, rest } from "../signals.ts";

const WAIT_MS = 25_000;
/** A wait that ends by so much before its time was ended by the server, milliseconds. */
const EARLY_MS = 1_000;
/** Added to the server's own wait, for the network in both directions. */
const GRACE_MS = 10_000;
/**
 * Longest pause between two tries while the server is away, milliseconds. An order that was under way waits for it: within 15 s
 * of the server's return it shall be in hand, and the server needs up to 10 s of them to find what it did at its end.
 */
const LONGEST_PAUSE_MS = 4_000;

export interface Acquirer {
  /** The free nests have changed: ask again with the new ones. */
  changed(): void;
  stop(): Promise<void>;
}

export interface AcquirerOptions {
  readonly link: ServerLink;
  readonly log: Logger;
  readonly freeNests: () => readonly string[];
  readonly onJob: (job: LeasedJob) => void;
  /** The server ended the wait before its time: what it knows of this station may have changed. */
  readonly onEndedEarly: () => void;
}

/**
 * One waiting request for the whole station. Asking again is safe: the server answers with the same unstarted job. A station
 * without a free nest asks too: the answer's early end is how it hears at once that a nest was put into use again.
 */
export function startAcquiring({
  link,
  log,
  freeNests,
  onJob,
  onEndedEarly,
}: AcquirerOptions): Acquirer {
  const stopping = new AbortController();
  let interrupt = new AbortController();
  let asked = "";

  const restUntilChange = (ms: number) => rest(ms, stopping.signal, interrupt.signal);

  const askOnce = async (nests: readonly string[]): Promise<"asked" | "failed"> => {
    const { signal, release } = linkSignals([stopping.signal, interrupt.signal]);
    const began = performance.now();
    try {
      const { body } = await link.call(
        "acquire",
        { body: { freeNests: [...nests], waitMs: WAIT_MS } },
        { timeoutMs: WAIT_MS + GRACE_MS, signal },
      );
      if (body !== null) onJob(body);
      else if (performance.now() - began < WAIT_MS - EARLY_MS) onEndedEarly();
      return "asked";
    } catch (error) {
      if (signal.aborted) return "asked";
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ step: "acquire", reason }, "asking for jobs failed");
      return "failed";
    } finally {
      release();
    }
  };

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      interrupt = new AbortController();
      const nests = freeNests();
      asked = nests.join("\n");
      const began = performance.now();
      failures = (await askOnce(nests)) === "failed" ? failures + 1 : 0;
      if (failures > 0) await restUntilChange(Math.min(backoffMs(failures), LONGEST_PAUSE_MS));
      // A server that answers 204 at once must not be asked in a tight loop.
      else if (performance.now() - began < 20) await restUntilChange(100);
    }
  })();

  return {
    changed() {
      if (freeNests().join("\n") !== asked) interrupt.abort();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
