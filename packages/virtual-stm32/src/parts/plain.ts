import { OLD_ROM, ROM } from "./define.ts";
import { FLASH, K } from "./memories.ts";
import type { Part } from "./part.ts";

const example: Part = {
  name: "plain",
  title: "a product's own bootloader that speaks plain DFU 1.1, STM32F103x8",
  family: "F1",
  source: "USB DFU 1.1",
  invented: ["everything"],
  usb: {
    ...OLD_ROM,
    vendorId: 0x1209,
    productId: 0x0001,
    bcdUsb: 0x0200,
    bcdDevice: 0x0100,
    manufacturer: "Flashline",
    product: "Plain bootloader",
    attributes: 1 | 2 | 4,
    transferSize: 1024,
    dfuVersion: 0x0110,
  },
  alternates: ["firmware"],
  flash: { base: FLASH, sectors: [[64, K]] },
  extra: [],
  rom: ROM,
  plain: [8 * K],
};

/** Bootloaders without ST's extension, in the first sectors of the flash. */
export const PLAIN_PARTS: readonly Part[] = [
  example,
  {
    ...example,
    name: "plain-alt2",
    title: `${example.title}, with two places in the flash and one that takes nothing`,
    source: "the strings of the Maple bootloader; the rest as plain",
    usb: { ...example.usb, vendorId: 0x1eaf, productId: 0x0003 },
    alternates: [
      "bootloader ERROR. Upload to RAM not supported.",
      "bootloader Upload to Flash 0x8005000",
      "bootloader Upload to Flash 0x8002000",
    ],
    plain: [undefined, 20 * K, 8 * K],
  },
  {
    ...example,
    name: "plain-runtime",
    title: `${example.title}, whose application has a DFU interface and waits for a reset after DETACH`,
    source: "USB DFU 1.1, section 5.1",
    runTime: { productId: 0x0002, product: "Application", willDetach: false },
  },
  {
    ...example,
    name: "plain-runtime-2",
    title: `${example.title}, whose application has a DFU interface and leaves the bus after DETACH`,
    source: "USB DFU 1.1, section 5.1",
    runTime: { productId: 0x0002, product: "Application", willDetach: true },
  },
];
