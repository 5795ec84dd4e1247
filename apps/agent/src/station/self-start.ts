import type { Nest, ReadyNest } from "../nests/nest.ts";

/** Where nobody presses START: a scanned unit starts as soon as it may. */
export interface SelfStart {
  /** A label was read for the nest. */
  scanned(nest: string, serial: string): void;
  /** The nests have changed, or who works here. */
  look(): void;
}

export interface SelfStartOptions {
  readonly nests: () => readonly Nest[];
  readonly mayStart: () => boolean;
  readonly start: (nest: ReadyNest) => void;
}

/** Once for each scan: after that somebody scans or presses START again, and a unit that ends at once is not tried for ever. */
export function createSelfStart({ nests, mayStart, start }: SelfStartOptions): SelfStart {
  /** Serials by nest. */
  const waiting = new Map<string, string>();
  return {
    scanned: (nest, serial) => void waiting.set(nest, serial),
    look() {
      if (waiting.size === 0 || !mayStart()) return;
      for (const nest of nests()) {
        if (nest.state !== "ready" || waiting.get(nest.name) !== nest.serial) continue;
        waiting.delete(nest.name);
        start(nest);
      }
    },
  };
}
