import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import type { Setup } from "./entry.ts";

const GET_DESCRIPTOR = 6;
const DEVICE_TO_HOST = 0x80;
const Descriptor = { device: 1, configuration: 2, string: 3, interface: 4, functional: 0x21 };
const LANGUAGE = 0x0409;

/**
 * The requests for descriptors that a host makes before a capture begins, with answers made again from what is known of the
 * device. A program that decodes the capture learns from them that this is a DFU device. Fields that are not known have the
 * usual values: one configuration, 64 bytes a packet on endpoint 0, 100 mA.
 */
export function descriptorTransfers(
  device: DeviceDescriptors,
): readonly { readonly setup: Setup; readonly data: Uint8Array }[] {
  const names = [device.manufacturer, device.product, device.serial];
  const strings = [...names, ...device.alternates.map(({ name }) => name)];
  const ask = (type: number, index: number, language: number, data: Uint8Array) => ({
    setup: {
      requestType: DEVICE_TO_HOST,
      request: GET_DESCRIPTOR,
      value: (type << 8) | index,
      index: language,
      length: data.length,
    },
    data,
  });
  return [
    ask(Descriptor.device, 0, 0, deviceDescriptor(device)),
    ask(Descriptor.configuration, 0, 0, configurationDescriptor(device, names.length)),
    ...strings.flatMap((text, index) =>
      text === "" ? [] : [ask(Descriptor.string, index + 1, LANGUAGE, stringDescriptor(text))],
    ),
  ];
}

const low = (value: number): number => value & 0xff;
const high = (value: number): number => (value >> 8) & 0xff;
const word = (value: number): readonly number[] => [low(value), high(value)];

function deviceDescriptor(device: DeviceDescriptors): Uint8Array {
  const { bcdUsb, vendorId, productId, bcdDevice } = device;
  const indexes = [device.manufacturer, device.product, device.serial].map((text, index) =>
    text === "" ? 0 : index + 1,
  );
  return Uint8Array.from([
    ...[18, Descriptor.device, ...word(bcdUsb), 0, 0, 0, 64],
    ...[...word(vendorId), ...word(productId), ...word(bcdDevice), ...indexes, 1],
  ]);
}

function configurationDescriptor(device: DeviceDescriptors, names: number): Uint8Array {
  const { functional, interfaceNumber } = device;
  const interfaces = device.alternates.flatMap(({ alternate, protocol, name }, index) => [
    ...[9, Descriptor.interface, interfaceNumber, alternate, 0],
    ...[0xfe, 1, protocol, name === "" ? 0 : names + index + 1],
  ]);
  const dfu =
    functional === undefined
      ? []
      : [
          ...[9, Descriptor.functional, functional.attributes, ...word(functional.detachTimeoutMs)],
          ...[...word(functional.transferSize), ...word(functional.dfuVersion)],
        ];
  const total = 9 + interfaces.length + dfu.length;
  const head = [9, Descriptor.configuration, ...word(total), 1, 1, 0, 0x80, 50];
  return Uint8Array.from([...head, ...interfaces, ...dfu]);
}

/** A descriptor has room for 126 UTF-16 code units. */
function stringDescriptor(text: string): Uint8Array {
  const units = Array.from({ length: Math.min(text.length, 126) }, (_, at) => text.charCodeAt(at));
  return Uint8Array.from([2 + 2 * units.length, Descriptor.string, ...units.flatMap(word)]);
}
