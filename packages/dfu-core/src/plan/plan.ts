import type { BankMode } from "../parts/banks.ts";

/** What happens to the part of an erased sector that the image does not cover (rule 12, docs/protocol.md). */
export type RemainderRule = "discard" | "preserve" | "refuse";

/** One sector that is erased, and what is written into it. */
export interface PlannedSector {
  readonly address: number;
  readonly size: number;
  readonly alternate: number;
  /**
   * Decided by a compare read before the first erase (rule 7, docs/protocol.md). `skip-if-blank` includes unchanged content and exists
   * on families without ECC only; after an interrupted attempt every sector says `erase`.
   */
  readonly erase: "erase" | "skip-if-unchanged" | "skip-if-blank";
  /** Bytes of the sector that the image does not cover. */
  readonly remainder: number;
}

/** A run of whole granules, padded with the erased value, written front to back. */
export interface PlannedRun {
  readonly address: number;
  readonly length: number;
  readonly alternate: number;
}

/** Bytes of the image that go to data EEPROM. Those and no more: what lies beside them in a word is kept. */
export interface PlannedEeprom {
  readonly address: number;
  readonly length: number;
  readonly alternate: number;
}

/** Everything that an attempt will do, made before it starts: plain data that can be printed, stored and compared. */
export interface FlashPlan {
  readonly chip: string;
  readonly family: string;
  readonly granule: number;
  readonly erasedValue: number;
  /** The device's own wTransferSize. */
  readonly deviceTransferSize: number;
  readonly transferSize: number;
  readonly profile: string;
  readonly remainder: RemainderRule;
  /** The bank mode that the sectors are for; the session makes sure that the unit is in it. */
  readonly bankMode?: BankMode;
  readonly sectors: readonly PlannedSector[];
  readonly runs: readonly PlannedRun[];
  /** Written after the flash was verified and before the seal (rule 20, docs/protocol.md); empty for most images. */
  readonly eeprom: readonly PlannedEeprom[];
  /**
   * The granule that is written last, so that a half-flashed unit cannot boot (rule 9, docs/protocol.md). Undefined where the image
   * has data EEPROM only.
   */
  readonly seal: PlannedRun | undefined;
  readonly imageBytes: number;
  readonly estimateMs: number;
  readonly warnings: readonly string[];
}

/** A plan for an image that has bytes in the flash. */
export interface SealedPlan extends FlashPlan {
  readonly seal: PlannedRun;
}

export const isSealed = (plan: FlashPlan): plan is SealedPlan => plan.seal !== undefined;
