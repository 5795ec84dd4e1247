import type { Blame, EngineCode } from "../../codes.ts";
import type { Figures } from "../../figures.ts";
import type { ChipIdentity } from "../../identity/identify.ts";
import type { FlashPlan } from "../../plan/plan.ts";

/** In this order; a phase may be entered again after a retry. */
export type Phase =
  | "connect"
  | "read"
  | "compare"
  | "erase"
  | "write"
  | "verify"
  | "seal"
  | "options"
  | "protection"
  | "leave";

/** Something worth keeping with the attempt: every resync, profile change and link failure, with its cause (rule 18, docs/protocol.md). */
export interface Incident {
  readonly code: EngineCode;
  readonly phase: Phase;
  /** Milliseconds since the first control transfer. */
  readonly atMs: number;
  readonly address?: number;
  /** For an engineer: states, statuses, got and expected. */
  readonly detail: string;
}

/**
 * Order: `planned`, `started`, then any of `progress`, `incident`, `recovering`, `recovered`, `profile`, `blocks`, and at last exactly one `finished`.
 * `planned` is missing in a run without a plan, and in one that fails before it has a plan. A dry run ends after `planned`. A unit
 * of another class has no `started`.
 */
export type EngineEvent =
  | { readonly event: "planned"; readonly plan: FlashPlan; readonly identity: ChipIdentity }
  | { readonly event: "started"; readonly profile: string }
  | {
      readonly event: "progress";
      readonly phase: Phase;
      readonly doneBytes: number;
      readonly totalBytes: number;
      /** Of the whole attempt, 0 … 1. It falls only after a retry. */
      readonly fraction: number;
      /** By the unit's own pace; undefined while nobody can say. */
      readonly remainingMs: number | undefined;
    }
  | ({ readonly event: "incident" } & Incident)
  /** The engine brings the unit back to where it answers; `recovered` when it does, else the run ends. */
  | { readonly event: "recovering"; readonly cause: EngineCode }
  | { readonly event: "recovered" }
  | {
      readonly event: "profile";
      readonly from: string;
      readonly to: string;
      /** What made it gentler; without one it is a step back to what is faster, after a clean stretch. */
      readonly cause?: EngineCode;
    }
  | {
      /** Data blocks of another size inside the profile, bytes; undefined is the profile's own. */
      readonly event: "blocks";
      readonly from: number | undefined;
      readonly to: number | undefined;
      /** As of `profile`. */
      readonly cause?: EngineCode;
    }
  /** A person or a hub must switch the unit's power off and on within this time. */
  | { readonly event: "power-cycle"; readonly deadlineMs: number }
  | ({ readonly event: "finished" } & FlashReport);

/**
 * What a unit is left with after a stop. `erased`: at least in part, and nothing was written, so that it does not start.
 * `half_written`: some of the image is there, and the first bytes, without which it does not start, are not. `unproven`: it may
 * start, and was not read back as a whole. `whole`: all was written and read back. `options`: option bytes or one-time memory may
 * be changed in part.
 */
export type LeftWith = "untouched" | "erased" | "half_written" | "unproven" | "whole" | "options";

/** How one attempt at a unit ended, with everything that was counted on the way. */
export interface FlashReport extends Figures {
  readonly outcome: "PASS" | "FAIL";
  /** Undefined on PASS. */
  readonly code?: EngineCode;
  readonly blame?: Blame;
  /** Where it failed. */
  readonly phase?: Phase;
  readonly address?: number;
  /** One sentence for an engineer, with states, got and expected. */
  readonly detail?: string;
  /** Option bytes, by name, with the values that would let the attempt go on; of `flash.write_protected`. */
  readonly cure?: Readonly<Record<string, string>>;
  /** At least one incident has a code of the link. The outcome does not matter. */
  readonly linkIncident: boolean;
  readonly incidents: readonly Incident[];
  /** The profile at the end and at the start. */
  readonly profile: string;
  readonly startProfile: string;
  /** First to last control transfer, on the clock that was given. */
  readonly ms: number;
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>;
  /**
   * True once the first erase was sent, or another request that erases: read unprotect, a block of plain DFU 1.1. Decides between
   * "cancelled" and "interrupted". Writes of option bytes and of one-time memory do not count, so false does not mean that nothing
   * was written.
   */
  readonly touched: boolean;
  readonly identity: ChipIdentity;
  /** Present where the run was cancelled or stopped. */
  readonly leftWith?: LeftWith;
}
