import type { Part, UsbIdentity } from "../parts/index.ts";

export const DescriptorType = {
  Device: 1,
  Configuration: 2,
  String: 3,
  DfuFunctional: 0x21,
} as const;
/** iManufacturer, iProduct, iSerialNumber, then one string for each alternate setting. */
const FIRST_ALTERNATE_STRING = 4;
const ENGLISH = 0x0409;

type Ids = Pick<UsbIdentity, "bcdUsb" | "vendorId" | "productId" | "bcdDevice">;

export const word = (value: number): [number, number] => [value & 0xff, (value >> 8) & 0xff];

/** `serial` is iSerialNumber, 0 for a device without one. */
export function deviceDescriptor(usb: Ids, serial = 3): number[] {
  return [
    18,
    DescriptorType.Device,
    ...word(usb.bcdUsb),
    0,
    0,
    0,
    64,
    ...word(usb.vendorId),
    ...word(usb.productId),
    ...word(usb.bcdDevice),
    1,
    2,
    serial,
    1,
  ];
}

function functionalDescriptor(usb: UsbIdentity): number[] {
  return [
    9,
    DescriptorType.DfuFunctional,
    usb.attributes,
    ...word(usb.detachTimeoutMs),
    ...word(usb.transferSize),
    ...word(usb.dfuVersion),
  ];
}

/** The functional descriptor stands once, after the last alternate setting, as in the ROMs. */
function configurationDescriptor(part: Part): number[] {
  const interfaces = part.alternates.flatMap((_, alternate) => [
    9,
    4,
    0,
    alternate,
    0,
    0xfe,
    1,
    part.usb.interfaceProtocol,
    FIRST_ALTERNATE_STRING + alternate,
  ]);
  const body = [...interfaces, ...functionalDescriptor(part.usb)];
  return [9, DescriptorType.Configuration, ...word(9 + body.length), 1, 1, 0, 0xc0, 50, ...body];
}

export function stringDescriptor(text: string, sentBytes?: number): Uint8Array {
  const units = [...text].flatMap((letter) => word(letter.codePointAt(0) ?? 0x3f));
  const whole = Uint8Array.from([Math.min(255, 2 + units.length), DescriptorType.String, ...units]);
  return whole.subarray(0, sentBytes ?? whole.length);
}

export interface DescriptorOptions {
  readonly serial: string;
  /** Strings end after so many bytes while bLength still announces all (seen on F42x: 112 of 166). */
  readonly truncateStringsTo?: number;
}

/** All bytes that the device has of it; undefined when it has none. */
export function findDescriptor(
  part: Part,
  options: DescriptorOptions,
  type: number,
  index: number,
): Uint8Array | undefined {
  switch (type) {
    case DescriptorType.Device:
      return Uint8Array.from(deviceDescriptor(part.usb));
    case DescriptorType.Configuration:
      return index === 0 ? Uint8Array.from(configurationDescriptor(part)) : undefined;
    case DescriptorType.DfuFunctional:
      return Uint8Array.from(functionalDescriptor(part.usb));
    case DescriptorType.String:
      return findString(part, options, index);
    default:
      return undefined;
  }
}

/** String descriptor 0: US English. */
export const languages = (): Uint8Array =>
  Uint8Array.from([4, DescriptorType.String, ...word(ENGLISH)]);

function findString(part: Part, options: DescriptorOptions, index: number): Uint8Array | undefined {
  if (index === 0) return languages();
  const texts = [part.usb.manufacturer, part.usb.product, options.serial, ...part.alternates];
  const text = texts[index - 1];
  const sentBytes = options.truncateStringsTo ?? part.usb.longestString;
  return text === undefined ? undefined : stringDescriptor(text, sentBytes);
}

/** What a real USB/IP or usbredir server says of the device before anybody talks to it. */
export interface DeviceSummary {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly interfaceClass: readonly [number, number, number];
}

export const summary = (part: Part): DeviceSummary => ({
  vendorId: part.usb.vendorId,
  productId: part.usb.productId,
  bcdDevice: part.usb.bcdDevice,
  interfaceClass: [0xfe, 1, part.usb.interfaceProtocol],
});
