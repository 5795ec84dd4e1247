import { type DeviceDescriptors, describeNow } from "@flashline/dfu-core/protocol";
import type { VirtualUnit } from "../unit/virtual-unit.ts";
import { DescriptorType } from "../usb/descriptors.ts";

const NONE = new Uint8Array();

/** Made from the bytes that the wires send, so that a unit looks the same over each of them. */
export const describe = (unit: VirtualUnit): DeviceDescriptors =>
  describeNow({
    device: unit.descriptor(DescriptorType.Device, 0) ?? NONE,
    configuration: unit.descriptor(DescriptorType.Configuration, 0) ?? NONE,
    string: (index) => unit.descriptor(DescriptorType.String, index),
  });
