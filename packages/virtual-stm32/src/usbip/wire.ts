import { placePath } from "../place/place.ts";
import type { VirtualUnit } from "../unit/virtual-unit.ts";

/**
 * USB/IP 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst). All numbers are big endian. The host's end (usb-host, usbip/wire.ts) is
 * written apart on purpose: with one table for both an error would not show. Where they differ, the kernel's client is right (test/vm).
 */
const VERSION = 0x0111;
export const Operation = {
  RequestImport: 0x8003,
  ReplyImport: 0x0003,
  RequestList: 0x8005,
  ReplyList: 0x0005,
} as const;
export const OperationStatus = { Ok: 0, NotAvailable: 1, Busy: 2, NoDevice: 4 } as const;
const Command = { Submit: 1, Unlink: 2, SubmitReply: 3, UnlinkReply: 4 } as const;

/** Negative errno values as Linux numbers them. */
export const Errno = { NoDevice: -19, Pipe: -32, ConnectionReset: -104 } as const;

export const OPERATION_HEADER = 8;
export const BUS_ID_LENGTH = 32;
export const COMMAND_HEADER = 48;
/** A control transfer carries at most 65535 bytes (wLength). */
const LARGEST_TRANSFER = 0xffff;

const PATH_LENGTH = 256;
const BUS_NUMBER = 1;
const FULL_SPEED = 2;

export function operationHeader(code: number, status: number): Buffer {
  const header = Buffer.alloc(OPERATION_HEADER);
  header.writeUInt16BE(VERSION, 0);
  header.writeUInt16BE(code, 2);
  header.writeUInt32BE(status, 4);
  return header;
}

export function deviceRecord(unit: VirtualUnit, busId: string): Buffer {
  const { vendorId, productId, bcdDevice } = unit.summary;
  const record = Buffer.alloc(PATH_LENGTH + BUS_ID_LENGTH + 24);
  record.write(placePath(unit.place, busId), 0, "latin1");
  record.write(busId, PATH_LENGTH, "latin1");
  const numbers = PATH_LENGTH + BUS_ID_LENGTH;
  record.writeUInt32BE(BUS_NUMBER, numbers);
  record.writeUInt32BE(unit.deviceNumber, numbers + 4);
  record.writeUInt32BE(FULL_SPEED, numbers + 8);
  record.writeUInt16BE(vendorId, numbers + 12);
  record.writeUInt16BE(productId, numbers + 14);
  record.writeUInt16BE(bcdDevice, numbers + 16);
  // Class, subclass and protocol are of the interface; configuration 1 of 1, one interface.
  record.set([0, 0, 0, 1, 1, 1], numbers + 18);
  return record;
}

export function interfaceRecord(unit: VirtualUnit): Buffer {
  return Buffer.from([...unit.summary.interfaceClass, 0]);
}

export interface SubmitCommand {
  readonly kind: "submit";
  readonly sequence: number;
  readonly endpoint: number;
  readonly direction: "in" | "out";
  readonly length: number;
  readonly setup: Uint8Array;
}

export interface UnlinkCommand {
  readonly kind: "unlink";
  readonly sequence: number;
  readonly victim: number;
}

/** Undefined when the peer does not speak the protocol. */
export function parseCommand(header: Buffer): SubmitCommand | UnlinkCommand | undefined {
  const sequence = header.readUInt32BE(4);
  switch (header.readUInt32BE(0)) {
    case Command.Submit: {
      const length = header.readUInt32BE(24);
      if (length > LARGEST_TRANSFER) return undefined;
      return {
        kind: "submit",
        sequence,
        endpoint: header.readUInt32BE(16),
        direction: header.readUInt32BE(12) === 1 ? "in" : "out",
        length,
        setup: header.subarray(40, 48),
      };
    }
    case Command.Unlink:
      return { kind: "unlink", sequence, victim: header.readUInt32BE(20) };
    default:
      return undefined;
  }
}

export function submitReply(
  sequence: number,
  status: number,
  length: number,
  data?: Uint8Array,
): Buffer {
  const header = Buffer.alloc(COMMAND_HEADER);
  header.writeUInt32BE(Command.SubmitReply, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeInt32BE(status, 20);
  header.writeUInt32BE(length, 24);
  return data ? Buffer.concat([header, data]) : header;
}

export function unlinkReply(sequence: number, status: number): Buffer {
  const header = Buffer.alloc(COMMAND_HEADER);
  header.writeUInt32BE(Command.UnlinkReply, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeInt32BE(status, 20);
  return header;
}
