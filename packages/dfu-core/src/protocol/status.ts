import { DfuState, DfuStatus } from "./constants.ts";

/** GETSTATUS reply (USB DFU 1.1, section 6.1.2). Unknown values are kept as they are. */
export interface DeviceStatus {
  readonly status: number;
  readonly pollTimeoutMs: number;
  readonly state: number;
}

/** Undefined when shorter than 6 bytes. */
export function parseStatus(bytes: Uint8Array): DeviceStatus | undefined {
  if (bytes.length < 6) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    status: view.getUint8(0),
    pollTimeoutMs: view.getUint16(1, true) | (view.getUint8(3) << 16),
    state: view.getUint8(4),
  };
}

const nameIn = (table: Readonly<Record<string, number>>, prefix: string, value: number): string => {
  const name = Object.keys(table).find((key) => table[key] === value);
  return name === undefined ? `unknown(0x${value.toString(16)})` : `${prefix}${name}`;
};

/** "dfuDnBusy", or "unknown(0x2a)". */
export const stateName = (state: number): string => nameIn(DfuState, "dfu", state);

/** "ErrVendor", or "unknown(0x2a)". */
export const statusName = (status: number): string => nameIn(DfuStatus, "", status);
