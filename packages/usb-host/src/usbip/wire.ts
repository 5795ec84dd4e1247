/**
 * USB/IP protocol 1.1.1 (Linux Documentation/usb/usbip_protocol.rst). All numbers are big-endian, the SETUP packet is not. The device's
 * end (virtual-stm32, usbip/wire.ts) is written apart on purpose, and held against the kernel's client.
 */
const USBIP_VERSION = 0x0111;

export const Operation = {
  RequestDeviceList: 0x8005,
  ReplyDeviceList: 0x0005,
  RequestImport: 0x8003,
  ReplyImport: 0x0003,
} as const;

export const Command = { Submit: 1, Unlink: 2, ReturnSubmit: 3, ReturnUnlink: 4 } as const;

/** Status of an operation's reply; older servers say 1 for everything. */
export const OperationStatus = {
  Ok: 0,
  NotAvailable: 1,
  Busy: 2,
  DeviceError: 3,
  NoDevice: 4,
} as const;

export const OPERATION_HEADER_BYTES = 8;
export const DEVICE_BYTES = 312;
export const URB_HEADER_BYTES = 48;
const BUSID_BYTES = 32;

/** A device record of OP_REP_DEVLIST and OP_REP_IMPORT. */
export interface RemoteDevice {
  readonly path: string;
  readonly busid: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  /** `enum usb_device_speed` of the Linux kernel: 1 low, 2 full, 3 high, 5 super, 6 super plus. */
  readonly speed: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  /** 0 when the device is not configured. */
  readonly configurationValue: number;
  readonly interfaceCount: number;
}

export function encodeOperation(code: number, busid?: string): Buffer {
  const bytes = Buffer.alloc(OPERATION_HEADER_BYTES + (busid === undefined ? 0 : BUSID_BYTES));
  bytes.writeUInt16BE(USBIP_VERSION, 0);
  bytes.writeUInt16BE(code, 2);
  if (busid !== undefined) bytes.write(busid, OPERATION_HEADER_BYTES, BUSID_BYTES - 1, "latin1");
  return bytes;
}

export function decodeOperation(bytes: Buffer): { version: number; code: number; status: number } {
  return {
    version: bytes.readUInt16BE(0),
    code: bytes.readUInt16BE(2),
    status: bytes.readUInt32BE(4),
  };
}

export function decodeDevice(bytes: Buffer): RemoteDevice {
  return {
    path: text(bytes.subarray(0, 256)),
    busid: text(bytes.subarray(256, 288)),
    busNumber: bytes.readUInt32BE(288),
    deviceNumber: bytes.readUInt32BE(292),
    speed: bytes.readUInt32BE(296),
    vendorId: bytes.readUInt16BE(300),
    productId: bytes.readUInt16BE(302),
    bcdDevice: bytes.readUInt16BE(304),
    configurationValue: bytes.readUInt8(309),
    interfaceCount: bytes.readUInt8(311),
  };
}

/** The eight bytes of a control transfer's SETUP stage (USB 2.0, table 9-2). */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

export function encodeSubmit(
  seqnum: number,
  devid: number,
  setup: Setup,
  data: Uint8Array,
): Buffer {
  const isIn = (setup.requestType & 0x80) !== 0;
  const bytes = Buffer.alloc(URB_HEADER_BYTES + (isIn ? 0 : data.length));
  encodeHeader(bytes, Command.Submit, seqnum, devid, isIn);
  bytes.writeUInt32BE(setup.length, 24);
  bytes.writeUInt8(setup.requestType, 40);
  bytes.writeUInt8(setup.request, 41);
  bytes.writeUInt16LE(setup.value, 42);
  bytes.writeUInt16LE(setup.index, 44);
  bytes.writeUInt16LE(setup.length, 46);
  if (!isIn) bytes.set(data, URB_HEADER_BYTES);
  return bytes;
}

export function encodeUnlink(seqnum: number, devid: number, victim: number): Buffer {
  const bytes = Buffer.alloc(URB_HEADER_BYTES);
  encodeHeader(bytes, Command.Unlink, seqnum, devid, false);
  bytes.writeUInt32BE(victim, 20);
  return bytes;
}

/** RET_SUBMIT or RET_UNLINK; `actualLength` is 0 for the latter. */
export interface UrbReply {
  readonly command: number;
  readonly seqnum: number;
  readonly status: number;
  readonly actualLength: number;
}

export function decodeReply(bytes: Buffer): UrbReply {
  const command = bytes.readUInt32BE(0);
  return {
    command,
    seqnum: bytes.readUInt32BE(4),
    status: bytes.readInt32BE(20),
    actualLength: command === Command.ReturnSubmit ? bytes.readUInt32BE(24) : 0,
  };
}

function encodeHeader(
  bytes: Buffer,
  command: number,
  seqnum: number,
  devid: number,
  isIn: boolean,
): void {
  bytes.writeUInt32BE(command, 0);
  bytes.writeUInt32BE(seqnum, 4);
  bytes.writeUInt32BE(devid, 8);
  bytes.writeUInt32BE(isIn ? 1 : 0, 12);
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}
