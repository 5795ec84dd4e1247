import type { DeviceDescriptors } from "./descriptors.ts";
import {
  decodeStringDescriptor,
  parseConfiguration,
  parseDeviceDescriptor,
} from "./parse-descriptors.ts";

export interface RawDescriptors {
  /** The 18 bytes of the device descriptor. */
  readonly device: Uint8Array;
  /** The whole configuration descriptor, all interfaces and alternates. */
  readonly configuration: Uint8Array;
  /** A string descriptor's bytes as they came, or undefined when it cannot be read. */
  readonly string: (index: number) => Promise<Uint8Array | undefined>;
}

/**
 * Raw descriptor bytes in, what the engine needs out. Without a DFU interface `alternates` is empty and `functional`
 * undefined. Strings are asked for one after the other. Throws `device.protocol` for bytes that are no device descriptor.
 */
export async function describeDevice(raw: RawDescriptors): Promise<DeviceDescriptors> {
  const device = parseDeviceDescriptor(raw.device);
  const configuration = parseConfiguration(raw.configuration);
  const text = async (index: number) =>
    index === 0 ? "" : decodeStringDescriptor(await raw.string(index));
  const manufacturer = await text(device.manufacturerIndex);
  const product = await text(device.productIndex);
  const serial = await text(device.serialIndex);
  const alternates = [];
  for (const { alternate, protocol, nameIndex } of configuration?.alternates ?? []) {
    alternates.push({ alternate, protocol, name: await text(nameIndex) });
  }
  return {
    vendorId: device.vendorId,
    productId: device.productId,
    bcdUsb: device.bcdUsb,
    bcdDevice: device.bcdDevice,
    manufacturer,
    product,
    serial,
    interfaceNumber: configuration?.interfaceNumber ?? 0,
    alternates,
    functional: configuration?.functional,
  };
}
