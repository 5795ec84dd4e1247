import { FlashlineError, type RefusedError } from "@flashline/contract";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import { isFinal } from "../server/refusal.ts";
import { rest } from "../signals.ts";

/** A lease that is renewed at a third of its length for as long as it is held. */
export interface Lease {
  /** Aborted when the job was cancelled or given to a newer epoch; counts only before the first erase. */
  readonly signal: AbortSignal;
  /** The operator or an engineer wants it to end; counts only before the first erase. */
  cancel(reason: FlashlineError | RefusedError): void;
  /** What the server granted last. */
  granted(leaseMs: number): void;
  release(): Promise<void>;
}

/** Of a job that no server leased: it ends with its grant, which is looked at before the start. */
export function ownLease(): Lease {
  const ended = new AbortController();
  return {
    signal: ended.signal,
    cancel: (reason) => ended.abort(reason),
    granted: () => undefined,
    release: () => Promise.resolve(),
  };
}

export interface LeaseOptions {
  readonly link: ServerLink;
  readonly jobId: string;
  readonly epoch: number;
  readonly leaseMs: number;
  readonly log: Logger;
}

export function holdLease(options: LeaseOptions): Lease {
  const { link, jobId, epoch, log } = options;
  const ended = new AbortController();
  const released = new AbortController();
  let leaseMs = options.leaseMs;

  const renew = async (): Promise<void> => {
    try {
      const { body } = await link.call(
        "renew",
        { params: { id: jobId }, body: { epoch } },
        { timeoutMs: leaseMs / 3, signal: released.signal },
      );
      leaseMs = body.leaseMs;
      if (body.cancel) ended.abort(new FlashlineError("attempt.cancelled"));
    } catch (error) {
      if (released.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ step: "renew", reason }, "the lease was not renewed");
      if (isFinal(error) && [404, 409].includes(error.status)) ended.abort(error);
    }
  };

  const loop = (async () => {
    while (!released.signal.aborted) {
      await rest(leaseMs / 3, released.signal);
      if (!released.signal.aborted) await renew();
    }
  })();

  return {
    signal: ended.signal,
    cancel: (reason) => ended.abort(reason),
    granted: (ms) => {
      leaseMs = ms;
    },
    async release() {
      released.abort();
      await loop;
    },
  };
}
