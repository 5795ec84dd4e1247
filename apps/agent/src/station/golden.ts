import type { NestGolden } from "@flashline/contract";
import type { ReadyNest } from "../nests/nest.ts";
import type { Worker } from "../people/worker.ts";

/** Checks of this station's nests with golden units. */
export interface Golden {
  isGolden(serial: string): boolean;
  /** The host behind the nest is quarantined, and only a golden run may start there. */
  isOnlyGolden(nest: string): boolean;
  /** Returns at once; what becomes of it shows at the nest. */
  start(nest: ReadyNest, operator: Worker | null | undefined): void;
  /** No further check of a run begins; the present one ends if nothing was erased yet. Without a nest: everywhere. */
  cancel(nest?: string): void;
  /** What the page shows of it beside the nest's state. */
  viewOf(nest: string): NestGolden | undefined;
  /** Time has passed: a check may be due by now. */
  tick(): void;
  /** Resolves when no check runs. */
  idle(): Promise<void>;
}
