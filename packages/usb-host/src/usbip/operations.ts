import { type AbortSignalLike, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { ByteStream, type ServerAddress, withDeadline } from "./stream.ts";
import {
  DEVICE_BYTES,
  decodeDevice,
  decodeOperation,
  encodeOperation,
  OPERATION_HEADER_BYTES,
  Operation,
  OperationStatus,
  type RemoteDevice,
} from "./wire.ts";

/** The server has the device and does not give it out: somebody else has it. */
export class DeviceTaken extends LinkError {
  constructor(message: string) {
    super(LinkFault.Io, message);
  }
}

/** The server has no such device: nothing is on its port. */
export class NoDevice extends LinkError {
  constructor(busid: string) {
    super(LinkFault.Gone, `USB/IP server: no device ${busid}`);
  }
}

const OPERATION_TIMEOUT_MS = 5000;
/** More than a server can have; a larger number is a broken reply. */
const MAXIMUM_DEVICES = 4096;

export interface ListedDevice extends RemoteDevice {
  readonly interfaces: readonly { readonly class: number; readonly subclass: number }[];
}

/** OP_REQ_DEVLIST. @throws LinkError `io` */
export async function listDevices(address: ServerAddress): Promise<ListedDevice[]> {
  const stream = await ByteStream.open(address);
  try {
    return await withDeadline(stream, OPERATION_TIMEOUT_MS, async () => {
      stream.write(encodeOperation(Operation.RequestDeviceList));
      await expectReply(stream, Operation.ReplyDeviceList);
      const count = (await stream.read(4)).readUInt32BE(0);
      if (count > MAXIMUM_DEVICES) throw broken(`it lists ${count} devices`);
      const devices: ListedDevice[] = [];
      while (devices.length < count) {
        const device = decodeDevice(await stream.read(DEVICE_BYTES));
        const bytes = await stream.read(4 * device.interfaceCount);
        const interfaces = Array.from({ length: device.interfaceCount }, (_, index) => ({
          class: bytes.readUInt8(4 * index),
          subclass: bytes.readUInt8(4 * index + 1),
        }));
        devices.push({ ...device, interfaces });
      }
      return devices;
    });
  } catch (error) {
    throw asIo(error);
  } finally {
    stream.close();
  }
}

export interface ImportedDevice {
  readonly device: RemoteDevice;
  readonly stream: ByteStream;
}

/**
 * OP_REQ_IMPORT; the connection carries URBs from then on and belongs to the caller.
 * @throws NoDevice when the server does not have the device; DeviceTaken when somebody else has it; `signal.reason` when
 *   aborted
 */
export async function importDevice(
  address: ServerAddress,
  busid: string,
  signal?: AbortSignalLike,
): Promise<ImportedDevice> {
  const stream = await ByteStream.open(address, signal);
  const ask = async () => {
    stream.write(encodeOperation(Operation.RequestImport, busid));
    await expectReply(stream, Operation.ReplyImport, busid);
    return { device: decodeDevice(await stream.read(DEVICE_BYTES)), stream };
  };
  try {
    return await withDeadline(stream, OPERATION_TIMEOUT_MS, ask, signal);
  } catch (error) {
    stream.close();
    throw error;
  }
}

async function expectReply(stream: ByteStream, code: number, busid = ""): Promise<void> {
  const reply = decodeOperation(await stream.read(OPERATION_HEADER_BYTES));
  if (reply.code !== code) throw broken(`it answered with operation 0x${reply.code.toString(16)}`);
  if (reply.status === OperationStatus.Ok) return;
  if (reply.status === OperationStatus.NoDevice) throw new NoDevice(busid);
  throw new DeviceTaken(`USB/IP server refuses ${busid} (status ${reply.status})`);
}

function broken(what: string): LinkError {
  return new LinkError(LinkFault.Io, `not a USB/IP server: ${what}`);
}

/** A connection that closes while the devices are listed says something about the server, and nothing about a device. */
function asIo(error: unknown): unknown {
  return error instanceof LinkError && error.fault === LinkFault.Gone
    ? new LinkError(LinkFault.Io, error.message, { cause: error })
    : error;
}
