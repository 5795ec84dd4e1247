import type { AttachedUnit, UnitWatch } from "./units.ts";

export interface WatchOptions {
  readonly scan: () => Promise<AttachedUnit[]>;
  readonly intervalMs: number;
  readonly listener: (units: AttachedUnit[]) => void;
  /** Subscribes to something that makes a scan worth while now; returns how to unsubscribe. */
  readonly onHint?: (hint: () => void) => () => void;
}

/** Scans at an interval and at every hint, one scan at a time, and tells the listener when something changed. */
export function watchByScanning({ scan, intervalMs, listener, onHint }: WatchOptions): UnitWatch {
  let closed = false;
  let hinted = false;
  let wake: (() => void) | undefined;
  let last: string | undefined;

  const unsubscribe = onHint?.(() => {
    hinted = true;
    wake?.();
  });

  const look = async () => {
    hinted = false;
    const units = await scan().catch(() => []);
    const now = JSON.stringify(units);
    if (closed || now === last) return;
    last = now;
    listener(units);
  };

  const rest = () =>
    new Promise<void>((resolve) => {
      if (closed || hinted) return resolve();
      const timer = setTimeout(resolve, intervalMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = (async () => {
    while (!closed) {
      await look();
      await rest();
    }
  })();

  return {
    async close() {
      closed = true;
      unsubscribe?.();
      wake?.();
      await loop;
    },
  };
}
