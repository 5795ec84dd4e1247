import { LinkFault } from "../protocol/transport.ts";
import type { Setup, TransferResult } from "./entry.ts";

/** What one line of the kernel's usbmon says about a URB. */
export interface UrbEvent {
  readonly type: "submit" | "complete";
  /** The same for both events of a transfer. */
  readonly id: number;
  readonly device: number;
  readonly setup: Setup;
  readonly result: TransferResult;
  /** Microseconds of Unix time. */
  readonly atUs: number;
  /** Bytes that the URB had room for, or carried. */
  readonly length: number;
  readonly data: Uint8Array;
}

/** Kernel documentation, usb/usbmon.rst, "struct usbmon_packet" as mmapped: 64 bytes. */
const HEADER = 64;
const CONTROL = 2;
const IN = 0x80;
const BUS = 1;
const PRESENT = 0;

/** What a URB's status is on Linux. A time-out of a synchronous transfer takes the URB back, which makes it -ENOENT. */
const ERRNO: Readonly<Record<TransferResult, number>> = {
  done: 0,
  [LinkFault.Stall]: -32,
  [LinkFault.Timeout]: -2,
  aborted: -2,
  [LinkFault.Gone]: -108,
  [LinkFault.Io]: -71,
};
const IN_PROGRESS = -115;

/** One record of LINKTYPE_USB_LINUX_MMAPPED, little-endian like the section that it goes into. */
export function usbmonPacket(event: UrbEvent): Uint8Array {
  const { setup, data, length } = event;
  const submit = event.type === "submit";
  const isIn = setup.requestType >= IN;
  // The kernel shows data where it goes: an OUT's when it is submitted, an IN's when it is complete.
  const shown = submit !== isIn && data.length > 0;
  const bytes = new Uint8Array(HEADER + (shown ? data.length : 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, event.id, true);
  view.setUint8(8, (submit ? "S" : "C").charCodeAt(0));
  view.setUint8(9, CONTROL);
  view.setUint8(10, isIn ? IN : 0);
  view.setUint8(11, event.device);
  view.setUint16(12, BUS, true);
  view.setUint8(14, submit ? PRESENT : "-".charCodeAt(0));
  view.setUint8(15, shown ? PRESENT : (isIn ? "<" : ">").charCodeAt(0));
  view.setUint32(16, Math.floor(event.atUs / 1_000_000) >>> 0, true);
  view.setUint32(24, Math.floor(event.atUs % 1_000_000), true);
  view.setInt32(28, submit ? IN_PROGRESS : ERRNO[event.result], true);
  view.setUint32(32, length, true);
  view.setUint32(36, shown ? data.length : 0, true);
  if (submit) writeSetup(view, 40, setup);
  if (shown) bytes.set(data, HEADER);
  return bytes;
}

function writeSetup(view: DataView, at: number, setup: Setup): void {
  view.setUint8(at, setup.requestType);
  view.setUint8(at + 1, setup.request);
  view.setUint16(at + 2, setup.value, true);
  view.setUint16(at + 4, setup.index, true);
  view.setUint16(at + 6, setup.length, true);
}
