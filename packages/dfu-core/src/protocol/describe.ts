import type { AlternateSetting, DeviceDescriptors } from "./descriptors.ts";
import {
  cutOf,
  decodeStringDescriptor,
  parseConfiguration,
  parseDeviceDescriptor,
} from "./parse-descriptors.ts";

/** Descriptors as they came, byte for byte. `S` is how a string is had: at once, or by asking the device. */
export interface RawDescriptors<S = Promise<Uint8Array | undefined>> {
  /** The 18 bytes of the device descriptor. */
  readonly device: Uint8Array;
  /** The whole configuration descriptor, all interfaces and alternates. */
  readonly configuration: Uint8Array;
  /** A string descriptor's bytes as they came, or undefined when it cannot be read. */
  readonly string: (index: number) => S;
}

/**
 * Raw descriptor bytes in, what the engine needs out. Without a DFU interface `alternates` is empty and `functional`
 * undefined. Strings are asked for one after the other. Throws `device.protocol` for bytes that are no device descriptor.
 */
export async function describeDevice(raw: RawDescriptors): Promise<DeviceDescriptors> {
  const { manufacturerIndex, productIndex, serialIndex } = parseDeviceDescriptor(raw.device);
  const alternates = parseConfiguration(raw.configuration)?.alternates ?? [];
  const strings = new Map<number, Uint8Array | undefined>();
  const names = alternates.map(({ nameIndex }) => nameIndex);
  for (const index of [manufacturerIndex, productIndex, serialIndex, ...names]) {
    if (index !== 0) strings.set(index, await raw.string(index));
  }
  return describeNow({ ...raw, string: (index) => strings.get(index) });
}

/** {@link describeDevice} where the strings are at hand already. */
export function describeNow(raw: RawDescriptors<Uint8Array | undefined>): DeviceDescriptors {
  const device = parseDeviceDescriptor(raw.device);
  const configuration = parseConfiguration(raw.configuration);
  const text = (index: number) => (index === 0 ? "" : decodeStringDescriptor(raw.string(index)));
  return {
    vendorId: device.vendorId,
    productId: device.productId,
    bcdUsb: device.bcdUsb,
    bcdDevice: device.bcdDevice,
    manufacturer: text(device.manufacturerIndex),
    product: text(device.productIndex),
    serial: text(device.serialIndex),
    interfaceNumber: configuration?.interfaceNumber ?? 0,
    alternates: (configuration?.alternates ?? []).map(
      ({ alternate, protocol, nameIndex }): AlternateSetting => {
        const cut = nameIndex === 0 ? undefined : cutOf(raw.string(nameIndex));
        const name = text(nameIndex);
        return { alternate, protocol, name, ...(cut === undefined ? {} : { cut }) };
      },
    ),
    functional: configuration?.functional,
  };
}
