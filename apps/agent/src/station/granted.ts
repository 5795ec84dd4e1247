import type { FlashlineError, LeasedJob } from "@flashline/contract";

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

/** What the station itself says to a unit while the server is away. */
export type GrantAnswer =
  | { readonly kind: "may" }
  | { readonly kind: "refused"; readonly error: FlashlineError }
  /** There is no grant: only the server can say. */
  | { readonly kind: "none" };

/** What this station may flash while the server is away. */
export interface Grants {
  /** Units left, and until when by this PC's clock; null without a grant that holds now. */
  readonly view: { readonly left: number; readonly until: string } | null;
  ask(serial: string, nest: string): GrantAnswer;
  /**
   * Takes a place for the unit; that is on the disk when this resolves.
   * @throws FlashlineError with what {@link Grants.ask} says; `agent.journal` where the disk cannot be written.
   */
  take(jobId: string, serial: string, nest: string): Promise<TakenPlace>;
  readonly free: FreePlace;
}
