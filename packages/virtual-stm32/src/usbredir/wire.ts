/** usbredir protocol 0.7 (spice usbredirproto.h). All numbers are little endian. */
export const Packet = {
  Hello: 0,
  DeviceConnect: 1,
  DeviceDisconnect: 2,
  Reset: 3,
  InterfaceInfo: 4,
  EndpointInfo: 5,
  SetConfiguration: 6,
  GetConfiguration: 7,
  ConfigurationStatus: 8,
  SetAlternate: 9,
  GetAlternate: 10,
  AlternateStatus: 11,
  CancelData: 21,
  Control: 100,
} as const;

export const Status = { Success: 0, Cancelled: 1, IoError: 3, Stall: 4 } as const;

const Capability = {
  ConnectDeviceVersion: 1,
  EndpointMaxPacket: 4,
  WideIds: 5,
  BulkLength32: 6,
} as const;
/** QEMU wants the last three before it puts a device on a root port of an xHCI. */
const OUR_CAPABILITIES =
  (1 << Capability.ConnectDeviceVersion) |
  (1 << Capability.EndpointMaxPacket) |
  (1 << Capability.WideIds) |
  (1 << Capability.BulkLength32);

const VERSION_LENGTH = 64;
const ENDPOINTS = 32;
const INTERFACES = 32;
export const CONTROL_HEADER = 10;
/** Header, then at most a whole wLength of data. */
export const LARGEST_PACKET = CONTROL_HEADER + 0xffff;

export const headerLength = (wide: boolean): number => (wide ? 16 : 12);

export interface PacketHeader {
  readonly type: number;
  readonly length: number;
  readonly id: bigint;
}

export function parseHeader(bytes: Buffer, wide: boolean): PacketHeader {
  return {
    type: bytes.readUInt32LE(0),
    length: bytes.readUInt32LE(4),
    id: wide ? bytes.readBigUInt64LE(8) : BigInt(bytes.readUInt32LE(8)),
  };
}

export function packet(type: number, id: bigint, wide: boolean, ...parts: Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  const header = Buffer.alloc(headerLength(wide));
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(payload.length, 4);
  if (wide) header.writeBigUInt64LE(id, 8);
  else header.writeUInt32LE(Number(id & 0xffff_ffffn), 8);
  return Buffer.concat([header, payload]);
}

export function hello(): Buffer {
  const payload = Buffer.alloc(VERSION_LENGTH + 4);
  payload.write("flashline-sim", 0, "latin1");
  payload.writeUInt32LE(OUR_CAPABILITIES, VERSION_LENGTH);
  return packet(Packet.Hello, 0n, false, payload);
}

/** 64-bit ids when both sides have them. */
export function peerIsWide(payload: Buffer): boolean {
  if (payload.length < VERSION_LENGTH + 4) return false;
  return (payload.readUInt32LE(VERSION_LENGTH) & (1 << Capability.WideIds)) !== 0;
}

export function interfaceInfo(interfaceClass: readonly [number, number, number]): Buffer {
  const info = Buffer.alloc(4 + 4 * INTERFACES);
  info.writeUInt32LE(1, 0);
  interfaceClass.forEach((value, index) => {
    info[4 + INTERFACES * (index + 1)] = value;
  });
  return info;
}

/** Endpoint 0 in both directions; all others are absent. */
export function endpointInfo(): Buffer {
  const invalid = 255;
  const control = 0;
  const info = Buffer.alloc(5 * ENDPOINTS);
  info.fill(invalid, 0, ENDPOINTS);
  info[0] = control;
  info[ENDPOINTS / 2] = control;
  info.writeUInt16LE(64, 3 * ENDPOINTS);
  info.writeUInt16LE(64, 3 * ENDPOINTS + ENDPOINTS);
  return info;
}

export function deviceConnect(device: {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
}): Buffer {
  const fullSpeed = 1;
  const info = Buffer.alloc(10);
  info[0] = fullSpeed;
  info.writeUInt16LE(device.vendorId, 4);
  info.writeUInt16LE(device.productId, 6);
  info.writeUInt16LE(device.bcdDevice, 8);
  return info;
}
