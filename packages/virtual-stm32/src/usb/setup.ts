/** The eight bytes of a SETUP packet (USB 2.0, table 9-2). */
export interface SetupPacket {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

/**
 * What the host sees of one control transfer. `afterMs`: the unit holds the bus for so long (NAK) before it answers; the host
 * may have given up by then.
 */
export type ControlReply =
  | { readonly kind: "data"; readonly data: Uint8Array; readonly afterMs: number }
  | { readonly kind: "stall"; readonly afterMs: number }
  /** Nothing comes back: the host's time-out decides. */
  | { readonly kind: "lost" }
  /** No device on the port. */
  | { readonly kind: "gone" };

const NOTHING = new Uint8Array();
export const answer = (data: Uint8Array = NOTHING, afterMs = 0): ControlReply => ({
  kind: "data",
  data,
  afterMs,
});
export const stall = (afterMs = 0): ControlReply => ({ kind: "stall", afterMs });
export const LOST: ControlReply = { kind: "lost" };
export const GONE: ControlReply = { kind: "gone" };

export const isIn = (setup: SetupPacket): boolean => (setup.requestType & 0x80) !== 0;

/** Class request to an interface, OUT and IN (USB DFU 1.1, table 3.2). */
export const CLASS_OUT = 0x21;
export const CLASS_IN = 0xa1;

/** Standard requests that a bootloader answers (USB 2.0, table 9-4). */
export const StandardRequest = {
  GetStatus: 0,
  ClearFeature: 1,
  SetAddress: 5,
  GetDescriptor: 6,
  GetConfiguration: 8,
  SetConfiguration: 9,
  GetInterface: 10,
  SetInterface: 11,
} as const;

export function parseSetup(bytes: Uint8Array): SetupPacket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    requestType: view.getUint8(0),
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    length: view.getUint16(6, true),
  };
}
