import { DfuError } from "../errors.ts";
import { QUIRKS } from "../quirks/quirks.ts";
import type { CutString, FunctionalDescriptor } from "./descriptors.ts";

const TYPE_DEVICE = 0x01;
const TYPE_INTERFACE = 0x04;
const TYPE_STRING = 0x03;
const TYPE_FUNCTIONAL = 0x21;
const CLASS_APPLICATION = 0xfe;
const SUBCLASS_DFU = 0x01;

/** What is used of the standard device descriptor (USB 2.0, table 9-8); indices are of strings, 0 for none. */
export interface DeviceDescriptor {
  readonly bcdUsb: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturerIndex: number;
  readonly productIndex: number;
  readonly serialIndex: number;
}

/** One alternate setting of the DFU interface; on ST's bootloaders a memory each. */
export interface DfuAlternate {
  readonly alternate: number;
  readonly protocol: number;
  readonly nameIndex: number;
}

/** The DFU interface of a configuration, with its functional descriptor where it has one. */
export interface DfuConfiguration {
  readonly interfaceNumber: number;
  readonly alternates: readonly DfuAlternate[];
  readonly functional: FunctionalDescriptor | undefined;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** USB 2.0, table 9-8. Throws `device.protocol` when shorter than 18 bytes or of another type. */
export function parseDeviceDescriptor(bytes: Uint8Array): DeviceDescriptor {
  if (bytes.length < 18 || bytes[1] !== TYPE_DEVICE) {
    throw new DfuError(
      "device.protocol",
      `device descriptor: got ${bytes.length} bytes of type ${bytes[1] ?? "none"}, expected 18 of type 1`,
    );
  }
  const view = viewOf(bytes);
  return {
    bcdUsb: view.getUint16(2, true),
    vendorId: view.getUint16(8, true),
    productId: view.getUint16(10, true),
    bcdDevice: view.getUint16(12, true),
    manufacturerIndex: view.getUint8(14),
    productIndex: view.getUint8(15),
    serialIndex: view.getUint8(16),
  };
}

/**
 * Finds the DFU interface, its alternates and the functional descriptor in a whole configuration. The functional
 * descriptor stands after the last alternate, and 0x21 is the HID descriptor's type too, so it counts only where the
 * latest interface descriptor is the DFU one. Undefined when there is no DFU interface; a configuration that is cut off
 * is read as far as it goes.
 */
export function parseConfiguration(bytes: Uint8Array): DfuConfiguration | undefined {
  const view = viewOf(bytes);
  const alternates: DfuAlternate[] = [];
  let interfaceNumber: number | undefined;
  let functional: FunctionalDescriptor | undefined;
  let insideDfu = false;
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = view.getUint8(at);
    const type = view.getUint8(at + 1);
    if (length < 2 || at + length > bytes.length) break;
    if (type === TYPE_INTERFACE && length >= 9) {
      const number = view.getUint8(at + 2);
      insideDfu =
        view.getUint8(at + 5) === CLASS_APPLICATION &&
        view.getUint8(at + 6) === SUBCLASS_DFU &&
        (interfaceNumber ?? number) === number;
      if (insideDfu) {
        interfaceNumber = number;
        alternates.push({
          alternate: view.getUint8(at + 3),
          protocol: view.getUint8(at + 7),
          nameIndex: view.getUint8(at + 8),
        });
      }
    } else if (type === TYPE_FUNCTIONAL && length >= 7 && insideDfu) {
      functional = parseFunctionalDescriptor(bytes.subarray(at, at + length));
    }
    at += length;
  }
  return interfaceNumber === undefined ? undefined : { interfaceNumber, alternates, functional };
}

/** USB DFU 1.1, table 4.2; the 7-byte form of DFU 1.0 has no version. Undefined when it is no functional descriptor. */
export function parseFunctionalDescriptor(bytes: Uint8Array): FunctionalDescriptor | undefined {
  if (bytes.length < 7 || bytes[1] !== TYPE_FUNCTIONAL) return undefined;
  const view = viewOf(bytes);
  return {
    attributes: view.getUint8(2),
    detachTimeoutMs: view.getUint16(3, true),
    transferSize: view.getUint16(5, true) || QUIRKS["no-transfer-size"].bytes,
    dfuVersion: bytes.length >= 9 ? view.getUint16(7, true) : 0x0100,
  };
}

/** What is missing of a string descriptor; undefined where all of it came. */
export function cutOf(bytes: Uint8Array | undefined): CutString | undefined {
  if (bytes === undefined || bytes.length < 2)
    return { received: bytes?.length ?? 0, announced: 0 };
  const announced = bytes[0] ?? 0;
  return bytes.length < announced ? { received: bytes.length, announced } : undefined;
}

/**
 * UTF-16 text of a string descriptor, as far as it came: F42x ROMs announce 166 bytes and send 112. Some clones send
 * bytes that are no UTF-16 at all; those give whatever text they give. Empty when it is no string descriptor.
 */
export function decodeStringDescriptor(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length < 2 || bytes[1] !== TYPE_STRING) return "";
  const view = viewOf(bytes);
  const end = Math.min(bytes.length, view.getUint8(0));
  let text = "";
  for (let at = 2; at + 2 <= end; at += 2) {
    text += String.fromCharCode(view.getUint16(at, true));
  }
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
