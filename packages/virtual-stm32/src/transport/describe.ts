import {
  type DeviceDescriptors,
  decodeStringDescriptor,
  parseConfiguration,
  parseDeviceDescriptor,
} from "@flashline/dfu-core/protocol";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { DescriptorType } from "../usb/descriptors.ts";

const NONE = new Uint8Array();

/** From the bytes that the wires send as well, so that a unit looks the same over each. */
export function describe(unit: VirtualUnit): DeviceDescriptors {
  const device = parseDeviceDescriptor(unit.descriptor(DescriptorType.Device, 0) ?? NONE);
  const configuration = parseConfiguration(
    unit.descriptor(DescriptorType.Configuration, 0) ?? NONE,
  );
  const text = (index: number): string =>
    index === 0 ? "" : decodeStringDescriptor(unit.descriptor(DescriptorType.String, index));
  const { vendorId, productId, bcdUsb, bcdDevice } = device;
  return {
    vendorId,
    productId,
    bcdUsb,
    bcdDevice,
    manufacturer: text(device.manufacturerIndex),
    product: text(device.productIndex),
    serial: text(device.serialIndex),
    interfaceNumber: configuration?.interfaceNumber ?? 0,
    alternates: (configuration?.alternates ?? []).map(({ alternate, protocol, nameIndex }) => ({
      alternate,
      protocol,
      name: text(nameIndex),
    })),
    functional: configuration?.functional,
  };
}
