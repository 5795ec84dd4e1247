import type { Clearer } from "../bootloader/state.ts";

/** When a fault strikes. `nth` counts from 1, once; occasions are named at each fault. */
export type Trigger =
  | { readonly kind: "always" }
  | { readonly kind: "probability"; readonly p: number }
  | { readonly kind: "nth"; readonly n: number };

/** What one control transfer loses on the wire. */
export type WireLoss =
  /** STALL; the bootloader never saw the request. */
  | "stall"
  /** The SETUP never arrived; the host times out. */
  | "lost-setup"
  /**
   * The SETUP is stored and the data stage is lost. The host believes that it arrived, and the unit will execute the old
   * content of its buffer.
   */
  | "lost-data"
  /** The SETUP is stored, the data stage is lost, and the host times out. */
  | "lost-ack"
  /** Done by the unit, but the status stage is lost: the host times out. */
  | "lost-status";

/** A fault that a unit has, and when it shows. What counts as an occasion for it stands at each kind. */
export type Fault =
  /** Occasions: DNLOAD with data and UPLOAD. */
  | { readonly kind: "stall"; readonly trigger: Trigger }
  /** Occasions: DNLOAD with data. */
  | { readonly kind: "lost-data" | "lost-ack"; readonly trigger: Trigger }
  /** Occasions: every class request. */
  | { readonly kind: "lost-setup" | "lost-status"; readonly trigger: Trigger }
  | BusyWedge
  /** Every erase in the upper half is done and then hangs until CLRSTATUS comes twice (H743 revision V, betaflight issue 1972). */
  | { readonly kind: "bank2-wedge" }
  /**
   * An erase in the upper half is reported as done while it goes on for its whole time. What is programmed there meanwhile is
   * lost (bootloader V9.1 of H74x, AN2606).
   */
  | { readonly kind: "bank2-early" }
  /** Every erase and program takes `factor` times the datasheet's figure. */
  | { readonly kind: "slow-busy"; readonly factor: number; readonly trigger: Trigger }
  /** Programs are acknowledged and not done. */
  | { readonly kind: "silent-drop"; readonly trigger: Trigger }
  | { readonly kind: "write-protect"; readonly sectors: readonly number[] }
  | { readonly kind: "read-protect"; readonly level: 1 | 2 }
  /** errVENDOR (0x0B) or errTARGET (0x01) without a reason. Occasions: operations and uploads. */
  | { readonly kind: "false-vendor" | "false-target"; readonly trigger: Trigger }
  /**
   * After so many bytes of DNLOAD data, counted from when the fault is set: pulled out (`unplug`), pulled out and another unit put
   * in (`swap`), power fails in mid-program (`power-cut`), or the core resets in mid-program (`reboot`), which tears the granule
   * at hand just the same. Comes back after `backAfterMs`, or not.
   */
  | {
      readonly kind: "unplug" | "swap" | "power-cut" | "reboot";
      readonly afterBytes: number;
      readonly backAfterMs: number | undefined;
    }
  /** Power fails in mid-erase. Occasions: sector erases. */
  | {
      readonly kind: "erase-cut";
      readonly trigger: Trigger;
      readonly backAfterMs: number | undefined;
    }
  /** One bit of a block is wrong before it is programmed. Occasions: programs. */
  | { readonly kind: "bit-flip"; readonly trigger: Trigger }
  /** Bits that never change. */
  | {
      readonly kind: "stuck";
      readonly address: number;
      readonly mask: number;
      readonly value: number;
    }
  /** GETSTATUS after the leave request gets no answer, even if the part normally answers. */
  | { readonly kind: "leave-silent" }
  /** Every start of the bootloader takes so much longer: F405 and F105 were seen to need tens of seconds. */
  | { readonly kind: "slow-boot"; readonly ms: number }
  /** String descriptors end early (F42x). */
  | { readonly kind: "truncated-strings"; readonly bytes: number }
  /** Several units with one serial. */
  | { readonly kind: "serial"; readonly serial: string };

/** Hangs in dfuDNBUSY, and the operation never goes on. Occasions: erases and programs. */
export interface BusyWedge {
  readonly kind: "busy-wedge";
  readonly clearedBy: Clearer;
  readonly trigger: Trigger;
  /** Occasions are then only programs of more bytes than these. */
  readonly longerThan?: number;
  /** After the dfuDNBUSY no class request is answered, GETSTATUS and GETSTATE included; false by default. */
  readonly silent?: boolean;
}

export const ALWAYS: Trigger = { kind: "always" };
/** Shows at each occasion with probability `p`, 0 to 1. */
export const probability = (p: number): Trigger => ({ kind: "probability", p });
/** Shows at the occasion `n` only, counted from 1. */
export const nth = (n: number): Trigger => ({ kind: "nth", n });
