import {
  type DeviceDescriptors,
  describeDevice,
  LinkError,
  LinkFault,
} from "@flashline/dfu-core/protocol";

/** GET_DESCRIPTOR (USB 2.0, section 9.4.3); resolves undefined when the device stalls it. */
export type GetDescriptor = (
  type: number,
  index: number,
  language: number,
  length: number,
) => Promise<Uint8Array | undefined>;

const DescriptorType = { Device: 1, Configuration: 2, String: 3 } as const;
const DEVICE_DESCRIPTOR_BYTES = 18;
const CONFIGURATION_HEADER_BYTES = 9;
const US_ENGLISH = 0x0409;

/** Reads what a device says of itself. @throws LinkError `io` when that is not what a USB device says */
export async function readDescriptors(get: GetDescriptor): Promise<DeviceDescriptors> {
  const device = await get(DescriptorType.Device, 0, 0, DEVICE_DESCRIPTOR_BYTES);
  const header = await get(DescriptorType.Configuration, 0, 0, CONFIGURATION_HEADER_BYTES);
  if (device === undefined || header === undefined || header.length < CONFIGURATION_HEADER_BYTES) {
    throw new LinkError(LinkFault.Io, "the device does not send its descriptors");
  }
  const totalLength = (header[2] ?? 0) | ((header[3] ?? 0) << 8);
  const configuration = await get(DescriptorType.Configuration, 0, 0, totalLength);
  try {
    return await describeDevice({
      device,
      configuration: configuration ?? header,
      string: (index) => get(DescriptorType.String, index, US_ENGLISH, 255),
    });
  } catch (error) {
    if (error instanceof LinkError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new LinkError(LinkFault.Io, `descriptors: ${text}`, { cause: error });
  }
}
