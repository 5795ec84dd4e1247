import { setTimeout as pause } from "node:timers/promises";
import type { StartAnswer, StartRequest } from "@flashline/contract";
import type { z } from "zod";
import type { ServerLink } from "../server/link.ts";
import { mayBeRepeated } from "../server/refusal.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;

/**
 * Calls until the server says yes or no. A lost answer, and one that says nothing (the server failed, is away or has too much to do), is asked for again:
 * the call must be one that may be repeated. Gives up after `forMs`, milliseconds.
 * @throws RefusedError with the server's reason; FlashlineError `agent.offline`.
 */
export async function untilAnswered<T>(
  call: () => Promise<T>,
  forMs: number,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayBeRepeated(error) || performance.now() + pauseMs > deadline) throw error;
    }
    await pause(pauseMs);
  }
}

/**
 * Asks to start, which is safe to repeat because the attempt id is the same. Gives up when the lease must have run out.
 * @throws RefusedError with the server's reason; FlashlineError `agent.offline`.
 */
export const acknowledgedStart = (
  link: ServerLink,
  jobId: string,
  body: z.input<typeof StartRequest>,
  leaseMs: number,
  signal: AbortSignal,
): Promise<z.output<typeof StartAnswer>> =>
  untilAnswered(
    async () => (await link.call("start", { params: { id: jobId }, body }, { signal })).body,
    leaseMs,
    signal,
  );
