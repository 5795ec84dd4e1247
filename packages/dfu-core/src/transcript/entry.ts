import type { DfuRequest } from "../protocol/constants.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import type { LinkFault } from "../protocol/transport.ts";

/** The eight bytes of a SETUP packet (USB 2.0, section 9.3). */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  /** wLength: what an IN asked for, what an OUT carried. */
  readonly length: number;
}

/** How a transfer ended. `aborted`: the caller took it back, and what the device made of it is not known. */
export type TransferResult = "done" | "aborted" | LinkFault;

/** Times are of the clock that recorded, in milliseconds. */
interface Timed {
  readonly startMs: number;
  readonly endMs: number;
}

/** One control transfer as the host saw it. */
export interface TransferEntry extends Timed {
  readonly kind: "transfer";
  readonly setup: Setup;
  /** What an OUT sent, or what an IN brought. */
  readonly data: Uint8Array;
  readonly result: TransferResult;
}

/** Something else that happened to the link. */
export interface LinkEntry extends Timed {
  readonly kind: "reset" | "reenumerate" | "power-cycle";
  /** False when the platform cannot, or nothing came back. */
  readonly done: boolean;
}

/** From here on a device with these descriptors answers. */
export interface AttachedEntry extends Timed {
  readonly kind: "attached";
  readonly descriptors: DeviceDescriptors;
}

/** One line of a transcript. */
export type TranscriptEntry = TransferEntry | LinkEntry | AttachedEntry;

export const CLASS_OUT = 0x21;
export const CLASS_IN = 0xa1;

const NAMES = {
  0: "DETACH",
  1: "DNLOAD",
  2: "UPLOAD",
  3: "GETSTATUS",
  4: "CLRSTATUS",
  5: "GETSTATE",
  6: "ABORT",
} as const satisfies Record<DfuRequest, string>;

const isDfuRequest = (request: number): request is DfuRequest => request in NAMES;

const SET_INTERFACE = 11;

/** "DNLOAD", "SET_INTERFACE"; any other standard request by its number. */
export function requestName({ requestType, request }: Setup): string {
  if ((requestType === CLASS_OUT || requestType === CLASS_IN) && isDfuRequest(request)) {
    return NAMES[request];
  }
  return request === SET_INTERFACE ? "SET_INTERFACE" : `request ${request}`;
}
