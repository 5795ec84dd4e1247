import type { ChipIdentity } from "../../identity/identify.ts";
import type { Image } from "../../image/image.ts";
import type { OptionSettings } from "../../options/values.ts";
import type { ProfileName } from "../../pacing/profiles.ts";
import type { BankMode } from "../../parts/banks.ts";
import type { FamilyName } from "../../parts/part.ts";
import type { UnreadMemory } from "../../plan/geometry.ts";
import type { UnitMemory } from "../../plan/memories.ts";
import type { RemainderRule } from "../../plan/plan.ts";
import type { AbortSignalLike, Clock, DfuTransport } from "../../protocol/transport.ts";
import type { SnapshotStore } from "../../snapshot/store.ts";
import type { EngineEvent, FlashReport } from "./report.ts";

/** What every awaited function needs. None of them closes the transport. */
export interface UnitIo {
  readonly transport: DfuTransport;
  readonly clock: Clock;
  /** Cancels: honoured until the first erase; then the report says `attempt.cancelled`. Later aborts are ignored. */
  readonly signal?: AbortSignalLike;
  /**
   * Ends the run wherever it is, in the middle of a transfer too, and sends nothing more to the unit. The report is
   * `attempt.cancelled` where the unit is untouched, else `attempt.interrupted`; its `leftWith` says what the unit is left with.
   * For a person at the desk; on a line nothing may leave a unit half-written, so that an agent uses `signal` alone.
   */
  readonly stop?: AbortSignalLike;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Needed by the remainder rule `preserve`. */
  readonly snapshots?: SnapshotStore;
}

/** What is known about the unit beforehand. */
export interface ChipOptions {
  /** The chip class that is wanted, e.g. "STM32F407"; a unit that shows another class is refused with `device.wrong_chip`. */
  readonly chip?: string;
  /** Flash rules to use when the layout matches no known part, e.g. for a product's own bootloader. */
  readonly family?: FamilyName;
  /** Bytes of flash where a readable size register or the product says less than the descriptor. */
  readonly flashSize?: number;
  /** The bank mode that the release is for; a unit in another one, or of a class that does not tell, is refused. */
  readonly bankMode?: BankMode;
  /** The memory that is meant, where the unit has several at the same addresses; chosen by address when not given. */
  readonly alternate?: number;
  /** `standard` when not given. */
  readonly profile?: ProfileName;
}

/** What is flashed and how; the rest of the rules come from the unit's part. */
export interface FlashOptions extends ChipOptions {
  readonly image: Image;
  /** `discard` when not given; `preserve` needs `snapshots` and `snapshotName`, else it is refused. */
  readonly remainder?: RemainderRule;
  /**
   * The unit's name in snapshot storage: the same for every attempt at this unit and for no other unit. USB serials repeat on
   * some parts; a product's own serial is better.
   */
  readonly snapshotName?: string;
  readonly leave?: boolean;
  /**
   * Address of the vector table of the application that `leave` starts. When not given: the image's first table that fits its
   * place; the image's lowest address where it has none.
   */
  readonly leaveAddress?: number;
  /** Option bytes that the unit must have, by name; others are refused with `options.mismatch` before the first erase. */
  readonly expectOptions?: OptionSettings;
  /** Ends after `planned`, without `finished`. The report is never PASS: it says `attempt.cancelled`. */
  readonly dryRun?: boolean;
  /** A previous attempt at this unit was interrupted or is UNKNOWN: nothing is read before it is erased (rule 7, docs/protocol.md). */
  readonly knownDirty?: boolean;
}

/** What the unit's content is compared with. */
export interface VerifyOptions extends ChipOptions {
  readonly image: Image;
}

/** What is read. A range that goes beyond what can be read is refused with `usage.range`. */
export interface ReadOptions extends ChipOptions {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

/** What is erased: a range or, by name, everything. */
export interface EraseOptions extends ChipOptions {
  /** Sectors that this range touches are erased whole. Needed unless `mass` is true. */
  readonly address?: number;
  readonly length?: number;
  /** Mass erase, only when a person asked for it by name. */
  readonly mass?: boolean;
}

/** How the application is started. */
export interface LeaveOptions extends ChipOptions {
  /** Where the application starts; 0x08000000 when not given. */
  readonly address?: number;
}

/** The report of `readUnit`. */
export interface ReadReport extends FlashReport {
  /** Present on PASS. */
  readonly data?: Uint8Array;
}

/** What a unit says about itself, and what the part table says about it. */
export interface UnitInfo {
  readonly identity: ChipIdentity;
  readonly state: number;
  readonly status: number;
  /** What Get Commands answered, e.g. 00 21 41 92. */
  readonly commands: readonly number[];
  /** By the same geometry that flash, read and erase use: known errors put right, cut to the product's size. */
  readonly memories: readonly UnitMemory[];
  /** Alternates whose memory is not fully known, with the reason. */
  readonly unread: readonly UnreadMemory[];
  /** Bytes of flash that only the bank mode tells; see UnitGeometry in plan/geometry.ts. */
  readonly untoldBytes: number;
  readonly transferSize: number;
}

/** The report of `unitInfo`. */
export interface InfoReport extends FlashReport {
  /** Present on PASS. */
  readonly info?: UnitInfo;
}
