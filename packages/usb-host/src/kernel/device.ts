import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { type GetDescriptor, readDescriptors } from "../describe.ts";
import { linkErrorFrom } from "../errors.ts";
import { nativeUsb } from "./native.ts";

type Usb = Awaited<ReturnType<typeof nativeUsb>>;
export type UsbDevice = Awaited<ReturnType<Usb["getDevices"]>>[number];

/** No request takes longer, milliseconds (USB 2.0, 9.2.6.1). */
const STANDARD_TIMEOUT_MS = 5000;
const GET_DESCRIPTOR = 6;

/** The port path as the kernel and dfu-util write it: "3-1.2". */
function portPathOf(device: UsbDevice): string {
  return `${Number.parseInt(device.bus, 10)}-${device.ports.join(".")}`;
}

/** @throws LinkError `gone` when nothing is plugged into the port, `io` when the devices cannot be listed */
export async function findOnPort(portPath: string): Promise<UsbDevice> {
  const usb = await nativeUsb();
  const devices = await usb.getDevices().catch((error: unknown) => {
    throw linkErrorFrom(error, "listing USB devices");
  });
  const device = devices.find((candidate) => portPathOf(candidate) === portPath);
  if (device === undefined) throw new LinkError(LinkFault.Gone, `nothing on port ${portPath}`);
  return device;
}

/** Asks the device itself. The copy that the kernel keeps is from when the device was plugged in. */
export const describeOpened = (device: UsbDevice) => readDescriptors(descriptorReader(device));

function descriptorReader(device: UsbDevice): GetDescriptor {
  return async (type, index, language, length) => {
    const setup = {
      requestType: "standard",
      recipient: "device",
      request: GET_DESCRIPTOR,
      value: (type << 8) | index,
      index: language,
    } as const;
    try {
      const reply = await device.nativeControlTransferIn(setup, STANDARD_TIMEOUT_MS, length);
      return reply ?? undefined;
    } catch (error) {
      throw linkErrorFrom(error, "reading descriptors");
    }
  };
}
