import { LIBRARY, OLD_ROM } from "./define.ts";
import { FLASH, K } from "./memories.ts";
import type { Part } from "./part.ts";

/** The bootloader itself lies in the first three sectors, which it shows as read-only. */
const APPLICATION = FLASH + 48 * K;

const example: Part = {
  name: "library",
  title: "a product's own bootloader on ST's USB Device Library, STM32F407xG",
  family: "F4",
  source: "STM32CubeF4, DFU_Standalone: usbd_dfu.c, usbd_dfu_flash.c, usbd_desc.c",
  invented: ["serial"],
  usb: {
    ...OLD_ROM,
    bcdUsb: 0x0200,
    bcdDevice: 0x0200,
    product: "STM32 DownLoad Firmware Update",
    transferSize: 1024,
  },
  alternates: ["@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg"],
  flash: {
    base: FLASH,
    sectors: [
      [4, 16 * K],
      [1, 64 * K],
      [7, 128 * K],
    ],
  },
  extra: [],
  rom: { ...LIBRARY, defaultPointer: APPLICATION },
};

export const LIBRARY_PARTS: readonly Part[] = [
  example,
  {
    ...example,
    name: "library-2",
    title: `${example.title}, a newer version`,
    rom: { ...example.rom, library: "hangs" },
  },
];
