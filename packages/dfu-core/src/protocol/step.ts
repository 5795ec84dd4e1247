import type { DfuRequest } from "./constants.ts";
import type { DeviceDescriptors } from "./descriptors.ts";

/**
 * What a machine wants done next. Machines are generators that yield steps and receive replies; transport errors enter by
 * `machine.throw`, so retry and recovery are pure code. `drive` is the only function that awaits.
 */
export type Step<E = never> =
  | {
      readonly kind: "out";
      readonly request: DfuRequest;
      readonly value: number;
      readonly data: Uint8Array;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "in";
      readonly request: DfuRequest;
      readonly value: number;
      readonly length: number;
      readonly timeoutMs: number;
    }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "alternate"; readonly alternate: number }
  | { readonly kind: "reset" }
  | { readonly kind: "reenumerate"; readonly deadlineMs: number }
  /** What the hub's port showed while the unit was waited for: `disconnectedMs` says it. */
  | { readonly kind: "port" }
  /** The port's power off and on, where a hub can: `done` says so. */
  | { readonly kind: "power-cycle" }
  /** Durable storage. `load` replies with `done` false when no snapshot has that name. */
  | {
      readonly kind: "snapshot";
      readonly action: "load" | "save" | "forget";
      readonly name: string;
      readonly data: Uint8Array;
    }
  /** From here on an abort is not honoured any more: the first erase follows. Throws into the machine when it came before. */
  | { readonly kind: "commit" }
  /** Tells the listener something (progress, an incident, a profile change); no reply. */
  | { readonly kind: "event"; readonly event: E };

/**
 * Bytes after `in` and after `load`; true or false after `reset` and `power-cycle`; nothing otherwise. `now` is the time of the
 * clock when the step was done.
 */
export interface Reply {
  readonly data: Uint8Array;
  readonly done: boolean;
  readonly now: number;
  /** After `port`: for how long the port showed that nothing is connected, milliseconds. */
  readonly disconnectedMs?: number;
  /** The transport's descriptors when the step was done; others after `reenumerate` may mean another unit. */
  readonly descriptors: DeviceDescriptors;
}

/** A piece of protocol as a generator that does no I/O: it yields steps and ends with a `T`; `E` are its events. */
export type Machine<T, E = never> = Generator<Step<E>, T, Reply>;
