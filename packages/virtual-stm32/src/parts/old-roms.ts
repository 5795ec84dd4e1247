import { doubledWords } from "../option-bytes/content.ts";
import { OLD_ROM, ROM } from "./define.ts";
import { FLASH, feature, K, options, otp } from "./memories.ts";
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
      "layout: ST community threads on F070/F072; option bytes and serial as published for F042",
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
      "public layout string of F303; its page is not recorded; serial as the F04x/F07x/F303 ROM",
    invented: ["option bytes string (as F072)", "option byte content", "poll time of SET_ADDRESS"],
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
      "public dfu-util listing of L0 with 192 KiB (pydfu and webdfu threads); its page is not recorded",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
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
    source: "public dfu-util listing of L1 with 1024 pages; its page is not recorded",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
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
    rom: ROM,
  },
  {
    name: "l476",
    title: "STM32L476xE, 512 KiB",
    family: "L4",
    source:
      "public dfu-util listing of L4 with 512 KiB; early poll stalls: dfu-util ticket 40; its page is not recorded",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/0256*0002Kg",
      "@Option Bytes  /0x1FFF7800/01*040 e",
      "@OTP Memory  /0x1FFF7000/01*0001Ke",
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
    source: "public dfu-util listing of L4R/L4S; its page is not recorded",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/512*0004Kg",
      "@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e",
      "@OTP Memory  /0x1FFF7000/01*0001Ke",
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
