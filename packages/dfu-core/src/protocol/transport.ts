import type { DfuRequest } from "./constants.ts";
import type { DeviceDescriptors } from "./descriptors.ts";

/** The part of the platform's AbortSignal that this package uses; the real one is assignable to it. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Why a control transfer brought no answer. Only a transport throws it; machines catch it. */
export const LinkFault = {
  /** The device answered with a STALL handshake: the device is alive. */
  Stall: "stall",
  /** No answer within the time-out: the fate of an OUT transfer is unknown. */
  Timeout: "timeout",
  /** The device is no longer on its port. */
  Gone: "gone",
  /** Any other failure of the host's stack (overflow, protocol error, broken socket). Fate unknown. */
  Io: "io",
} as const;
export type LinkFault = (typeof LinkFault)[keyof typeof LinkFault];

/** A control transfer without an answer. The message is for an engineer; `fault` is what machines decide by. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly fault: LinkFault;

  constructor(fault: LinkFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/**
 * One opened DFU interface. The caller serialises: at most one call at a time. Every method rejects with {@link LinkError}
 * and with nothing else, except when `signal` is aborted (then with `signal.reason`). After `gone`, only `reenumerate` and
 * `close` may be called.
 */
export interface DfuTransport {
  /** As read when opened, and again after each successful `reenumerate`. */
  readonly descriptors: DeviceDescriptors;

  /** Class OUT request to the interface. `data` may be empty. `timeoutMs` covers the whole transfer. */
  controlOut(
    request: DfuRequest,
    value: number,
    data: Uint8Array,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<void>;

  /** Class IN request to the interface; a short reply is returned as it came, never padded. */
  controlIn(
    request: DfuRequest,
    value: number,
    length: number,
    timeoutMs: number,
    signal?: AbortSignalLike,
  ): Promise<Uint8Array>;

  /** SET_INTERFACE. DfuSe: chooses the memory. */
  selectAlternate(alternate: number, signal?: AbortSignalLike): Promise<void>;

  /** USB bus reset and SET_CONFIGURATION; false when this platform cannot. The device may re-enumerate because of it. */
  reset(signal?: AbortSignalLike): Promise<boolean>;

  /**
   * Waits until a DFU device answers on the same port path and opens it anew; `descriptors` are read again and alternate 0
   * is selected. Also used when the device never left. Rejects with `gone` after `deadlineMs`.
   */
  reenumerate(deadlineMs: number, signal?: AbortSignalLike): Promise<void>;

  /**
   * For how long in one piece the hub's port showed that nothing is connected while `reenumerate` waited last, milliseconds. A device whose
   * link failed stays connected (PORT_CONNECTION; USB 2.0, 11.24.2.7.1.1). 0 or absent where the port did not show it, or cannot be asked.
   */
  readonly disconnectedMs?: number;

  /**
   * Switches the power of the unit's port off and on, and of no other port; false where no hub on the way can, or rejects with
   * `io` and the reason. Present only on transports that know of such hubs. `reenumerate` follows.
   */
  powerCycle?(signal?: AbortSignalLike): Promise<boolean>;

  /** Releases the interface. Never rejects; safe to call twice. */
  close(): Promise<void>;
}

/** Time as a parameter. A virtual or scaled clock serves tests and the demo; milliseconds throughout. */
export interface Clock {
  /** Monotonic milliseconds; the origin is arbitrary. */
  now(): number;
  sleep(ms: number, signal?: AbortSignalLike): Promise<void>;
}
