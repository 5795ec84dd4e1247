import type { LeasedJob } from "@flashline/contract";

/** A unit's place under a grant, from before its attempt until that has ended. */
export interface TakenPlace {
  readonly job: LeasedJob;
  /** Of the attempt that begins now, as its journal entry and its result have it. */
  use(): { readonly id: string; readonly place: number; readonly at: string };
  /** By which the release's end is told, milliseconds. */
  now(): number;
  /** @throws FlashlineError `grant.*` where nothing may be started under the grant any more. */
  mustHold(): void;
  /** The unit was not touched: its place is free again. */
  free(): Promise<void>;
  /** What became of the attempt stands in the journal. */
  ended(): void;
}

/** A job of an earlier life of this process touched nothing: its place under a grant is free again. */
export type FreePlace = (grantId: string, jobId: string) => Promise<void>;
