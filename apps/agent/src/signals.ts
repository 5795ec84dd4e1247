import { setTimeout as pause } from "node:timers/promises";

/** A signal that follows others for as long as it is needed. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Lets go of the others. */
  release(): void;
}

/**
 * Aborted with the first of `parents`, or after `timeoutMs`. Unlike AbortSignal.any it leaves nothing behind on a parent that
 * lives as long as the process: an agent runs for months.
 */
export function linkSignals(
  parents: readonly (AbortSignal | undefined)[],
  timeoutMs?: number,
): LinkedSignal {
  const linked = new AbortController();
  const releases: (() => void)[] = [];
  for (const parent of parents) {
    if (parent === undefined) continue;
    const follow = () => linked.abort(parent.reason);
    if (parent.aborted) follow();
    parent.addEventListener("abort", follow, { once: true });
    releases.push(() => parent.removeEventListener("abort", follow));
  }
  if (timeoutMs !== undefined) {
    const reason = new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError");
    const timer = setTimeout(() => linked.abort(reason), timeoutMs);
    releases.push(() => clearTimeout(timer));
  }
  return {
    signal: linked.signal,
    release() {
      for (const release of releases) release();
    },
  };
}

/** Resolves after `ms`, or as soon as one of the signals is aborted. */
export async function rest(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const { signal, release } = linkSignals(signals);
  try {
    await pause(ms, undefined, { signal });
  } catch {
    // Woken up.
  } finally {
    release();
  }
}
