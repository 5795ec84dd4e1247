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

const nameIn = (table: Readonly<Record<string, number>>, value: number): string | undefined =>
  Object.keys(table).find((key) => table[key] === value);

/** "dfuDnBusy", or "unknown(0x2a)". */
export function stateName(state: number): string {
  const name = nameIn(DfuState, state);
  return name === undefined ? `unknown(0x${state.toString(16)})` : `dfu${name}`;
}

/** As USB DFU 1.1, section 6.1.2, writes it: "errVENDOR", "errCHECK_ERASED"; or "unknown(0x2a)". */
export function statusName(status: number): string {
  const name = nameIn(DfuStatus, status);
  if (name === undefined) return `unknown(0x${status.toString(16)})`;
  return name === "Ok" ? "OK" : `err${STANDARD_NAMES[name] ?? name.slice(3).toUpperCase()}`;
}

/** Where the standard's abbreviation is not the whole word. */
const STANDARD_NAMES: Readonly<Record<string, string>> = {
  ErrCheckErased: "CHECK_ERASED",
  ErrUsbReset: "USBR",
  ErrPowerOnReset: "POR",
  ErrStalledPacket: "STALLEDPKT",
};
