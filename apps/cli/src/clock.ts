import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "@flashline/dfu-core/protocol";

/** Real time for the engine. */
export const realClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    if (signal === undefined) {
      await pause(ms);
      return;
    }
    const controller = new AbortController();
    const stop = () => controller.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await pause(ms, undefined, { signal: controller.signal });
    } catch {
      throw signal.reason;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  },
};
