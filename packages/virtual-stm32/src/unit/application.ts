import type { NorFlash } from "../flash/nor-flash.ts";
import type { Part } from "../parts/index.ts";
import { runTimeAttributes } from "../plain-dfu/run-time-machine.ts";
import { plausibleVector } from "./vector.ts";

/** bInterfaceProtocol of an application (USB DFU 1.1, table 4.1). */
const RUN_TIME = 1;

/** The part with the descriptors of its application; itself where that has no DFU interface. */
export function applicationPart(part: Part): Part {
  const { runTime, usb } = part;
  if (runTime === undefined) return part;
  const { productId, product } = runTime;
  return {
    ...part,
    usb: {
      ...usb,
      productId,
      product,
      interfaceProtocol: RUN_TIME,
      attributes: runTimeAttributes(runTime),
    },
    alternates: ["Application"],
  };
}

/** Where the application of a product with a bootloader of its own starts. */
const startOf = ({ flash, plain }: Part): number =>
  flash.base + (plain?.find((offset) => offset !== undefined) ?? 0);

/** The first words of an application, for a product that leaves the factory with one. */
export function loadApplication(part: Part, flash: NorFlash): void {
  if (part.runTime === undefined) return;
  const start = startOf(part);
  const vector = new DataView(new ArrayBuffer(8));
  vector.setUint32(0, 0x2000_5000, true);
  vector.setUint32(4, start + 0x101, true);
  flash.load(start, new Uint8Array(vector.buffer));
}

/** Whether its bootloader finds something to start. */
export const startsApplication = (part: Part, flash: NorFlash): boolean =>
  plausibleVector(flash, startOf(part));
