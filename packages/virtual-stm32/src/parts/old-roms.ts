import { OLD_ROM, ROM } from "./define.ts";
import { FLASH, feature, K, options, otp } from "./memories.ts";
import { doubledWords } from "./option-words.ts";
import type { Part } from "./part.ts";

/** Read protection off and complements right: the delivery state of F0, F1 and F3 (RM0091, section 4). */
const F0_OPTIONS = [0xaa, 0x55, ...Array.from({ length: 7 }, () => [0xff, 0x00]).flat()];
/** F1's key for "not protected" is 0xA5 (PM0075). */
const F1_OPTIONS = [0xa5, 0x5a, ...F0_OPTIONS.slice(2)];
/** Delivery values of bank 1: blackmagic stm32l4.c (RM0351). */
const L4_OPTIONS = doubledWords(0xffef_f8aa, 0xffff_ffff, 0x0000_0000, 0x0000_00ff, 0x0000_00ff);
const L4_BANK_2 = doubledWords(0xffff_ffff, 0xffff_ffff, 0x0000_0000, 0x0000_00ff, 0x0000_00ff);

export const OLD_ROM_PARTS: readonly Part[] = [
  {
    name: "f072",
    title: "STM32F072xB",
    family: "F0",
    source:
      "dfu-util 0.9 -l of CAN adapters and keyboards with F072 in several guides (candleLight, INLretro6): both strings and the serial",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "FFFFFFFEFFFF", staticSerial: true },
    alternates: ["@Internal Flash  /0x08000000/064*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e"],
    flash: { base: FLASH, sectors: [[64, 2 * K]] },
    extra: [options(0x1fff_f800, 16, F0_OPTIONS)],
    rom: ROM,
  },
  {
    name: "f042",
    title: "STM32F042x6",
    family: "F0",
    source: "device log of an F042 with ROM 22.00",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "FFFFFFFEFFFF", staticSerial: true },
    alternates: ["@Internal Flash  /0x08000000/032*0001Kg", "@Option Bytes  /0x1FFFF800/01*016 e"],
    flash: { base: FLASH, sectors: [[32, 1 * K]] },
    extra: [options(0x1fff_f800, 16, F0_OPTIONS)],
    rom: ROM,
  },
  {
    name: "f107",
    title: "STM32F107xC",
    family: "F1",
    source: "dsigma/dfu-util device-logs/stm32f107.lsusb",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, bcdDevice: 0x2000, serial: "STM32", staticSerial: true },
    alternates: ["@Internal Flash  /0x08000000/128*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g"],
    flash: { base: FLASH, sectors: [[128, 2 * K]] },
    extra: [options(0x1fff_f800, 16, F1_OPTIONS)],
    rom: ROM,
  },
  {
    name: "f303",
    title: "STM32F303xC",
    family: "F3",
    source:
      "inav and cleanflight documentation of the Sparky board (F303CC), dfu-util 0.7 -l, both strings; serial as the F04x/F07x/F303 ROM",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "FFFFFFFEFFFF", staticSerial: true },
    alternates: ["@Internal Flash  /0x08000000/128*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e"],
    flash: { base: FLASH, sectors: [[128, 2 * K]] },
    extra: [options(0x1fff_f800, 16, F0_OPTIONS)],
    rom: ROM,
  },
  {
    name: "l072",
    title: "STM32L072xZ, 192 KiB",
    family: "L0",
    source:
      "PexMor/bigclown-notes: dfu-util -l of a HARDWARIO Core Module (L0 with 192 KiB), all three strings",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "7FB4A4356231" },
    alternates: [
      "@Internal Flash  /0x08000000/1536*128g",
      "@Option Bytes  /0x1FF80000/01*032 e",
      "@DATA Memory /0x08080000/2*3Ke",
    ],
    flash: { base: FLASH, sectors: [[1536, 128]] },
    extra: [
      options(0x1ff8_0000, 32, [0xaa, 0x00, 0x55, 0xff]),
      { kind: "data", base: 0x0808_0000, size: 6 * K },
    ],
    rom: ROM,
  },
  {
    name: "l152",
    title: "STM32L152xC, 256 KiB",
    family: "L1",
    source:
      "mafredri/openbttn README: dfu-util -l of an L1 with 1024 pages, all three strings, and a log that starts in dfuERROR, status 10",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "76B0A1336969" },
    alternates: [
      "@Internal Flash  /0x08000000/1024*256 g",
      "@Option Bytes  /0x1FF80000/01*032 e",
      "@DATA Memory /0x08080000/02*004Ke",
    ],
    flash: { base: FLASH, sectors: [[1024, 256]] },
    extra: [
      options(0x1ff8_0000, 32, [0xaa, 0x00, 0x55, 0xff]),
      { kind: "data", base: 0x0808_0000, size: 8 * K },
    ],
    rom: { ...ROM, start: "error-firmware" },
  },
  {
    name: "l476",
    title: "STM32L476xE, 512 KiB",
    family: "L4",
    source:
      "inertial-sense-sdk: dfu-util -l of an IMX-5 (L4 with 512 KiB), all four strings; early poll stalls: dfu-util ticket 40",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "205834865852" },
    alternates: [
      "@Internal Flash  /0x08000000/0256*0002Kg",
      "@Option Bytes  /0x1FFF7800/01*040 e",
      "@OTP Memory /0x1FFF7000/01*0001Ke",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [options(0x1fff_7800, 40, L4_OPTIONS), otp(0x1fff_7000, 1024), feature],
    rom: { ...ROM, earlyPoll: "stall" },
  },
  {
    name: "l4r5",
    title: "STM32L4R5xI, 2 MiB, 4 KiB pages in dual-bank mode",
    family: "L4",
    source:
      "zephyrproject-rtos/zephyr boards/st/sensortile_box/doc/index.rst: dfu-util 0.9 -l and dmesg of an L4R9, all three strings",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "204A325D574D" },
    alternates: [
      "@Internal Flash  /0x08000000/512*0004Kg",
      "@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e",
      "@OTP Memory /0x1FFF7000/01*0001Ke",
    ],
    flash: { base: FLASH, sectors: [[512, 4 * K]] },
    extra: [
      options(0x1ff0_0000, 40, L4_OPTIONS),
      options(0x1ff0_1000, 40, L4_BANK_2),
      otp(0x1fff_7000, 1024),
    ],
    rom: { ...ROM, earlyPoll: "stall" },
  },
];
