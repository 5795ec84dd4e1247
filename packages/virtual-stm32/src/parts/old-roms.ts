import { OLD_ROM, ROM } from "./define.ts";
import type { ExtraMemory, Part } from "./part.ts";

const K = 1024;
const FLASH = 0x0800_0000;

/** Read protection off and complements right: the delivery state of F0, F1 and F3 (RM0091, section 4). */
const F0_OPTIONS = [0xaa, 0x55, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00];
/** F1's key for "not protected" is 0xA5 (PM0075). */
const F1_OPTIONS = [0xa5, 0x5a, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00];
/** USER and RDP of the delivery state (RM0090, section 3.6). */
const F4_OPTIONS = [0xff, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];

const options = (base: number, size: number, content: readonly number[] = []): ExtraMemory => ({
  kind: "options",
  base,
  size,
  content,
});
const otp = (base: number, size: number): ExtraMemory => ({ kind: "otp", base, size });
const feature: ExtraMemory = { kind: "feature", base: 0xffff_0000, size: 4 };

const f40x: Part = {
  name: "f407",
  title: "STM32F407xG, Discovery board",
  family: "F4",
  source: "dsigma/dfu-util device-logs/stm32f4discovery.lsusb and .bin-download",
  invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
  usb: { ...OLD_ROM, bcdDevice: 0x2100 },
  alternates: [
    "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
    "@Option Bytes  /0x1FFFC000/01*016 g",
    "@OTP Memory /0x1FFF7800/01*512 g,01*016 g",
    "@Device Feature/0xFFFF0000/01*004 g",
  ],
  flash: {
    base: FLASH,
    sectors: [
      [4, 16 * K],
      [1, 64 * K],
      [7, 128 * K],
    ],
  },
  extra: [options(0x1fff_c000, 16, F4_OPTIONS), otp(0x1fff_7800, 528), feature],
  rom: { ...ROM, start: "error-firmware" },
};

export const OLD_ROM_PARTS: readonly Part[] = [
  f40x,
  {
    ...f40x,
    name: "f405",
    title: "STM32F405xG",
    source:
      "layout as F407 with access letter e (device log of ROM 22.00); mass erase time: dfu-util ticket 3",
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
      "@Option Bytes  /0x1FFFC000/01*016 e",
      "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    rom: { ...ROM, massErasePollMs: 100 },
  },
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
    source: "layout: 128 pages of 2 KiB as published; serial as the F04x/F07x/F303 ROM",
    invented: ["option bytes string (as F072)", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "FFFFFFFEFFFF", staticSerial: true },
    alternates: ["@Internal Flash  /0x08000000/128*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e"],
    flash: { base: FLASH, sectors: [[128, 2 * K]] },
    extra: [options(0x1fff_f800, 16, F0_OPTIONS)],
    rom: ROM,
  },
  {
    name: "f446",
    title: "STM32F446xE",
    family: "F4",
    source: "zmk issue 1711 (layout of F401/F411/F446); serial of F446: TAStm32 pull request 71",
    invented: [
      "option, OTP and feature strings (as F405)",
      "option byte content",
      "poll time of SET_ADDRESS",
    ],
    usb: { ...OLD_ROM, serial: "STM32FxSTM32", staticSerial: true },
    alternates: [
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg",
      "@Option Bytes  /0x1FFFC000/01*016 e",
      "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    flash: {
      base: FLASH,
      sectors: [
        [4, 16 * K],
        [1, 64 * K],
        [3, 128 * K],
      ],
    },
    extra: [options(0x1fff_c000, 16, F4_OPTIONS), otp(0x1fff_7800, 528), feature],
    rom: ROM,
  },
  {
    name: "f429",
    title: "STM32F427/F429xI, 2 MiB in two banks",
    family: "F4",
    source: "ArduPilot documentation, dfu-util listing of an F427",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
      "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e",
      "@OTP Memory /0x1FFF7800/01*512 e,01*016 e/0x1FFE7800/01*512 e,01*016 e",
    ],
    flash: {
      base: FLASH,
      sectors: [
        [4, 16 * K],
        [1, 64 * K],
        [7, 128 * K],
        [4, 16 * K],
        [1, 64 * K],
        [7, 128 * K],
      ],
    },
    extra: [
      options(0x1fff_c000, 16, F4_OPTIONS),
      options(0x1ffe_c000, 16, F4_OPTIONS),
      otp(0x1fff_7800, 528),
      otp(0x1ffe_7800, 528),
    ],
    rom: ROM,
  },
  {
    name: "f745",
    title: "STM32F745xG",
    family: "F7",
    source:
      "fwupd pull request 1944 (GETSTATUS holds the bus, SET_ADDRESS reports 5 ms); layout as published for F74x",
    invented: [
      "option and feature strings (as F72x)",
      "OTP string",
      "serial",
      "option byte content",
    ],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg",
      "@Option Bytes  /0x1FFF0000/01*048 e",
      "@OTP Memory  /0x1FF0F000/01*1024e",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    flash: {
      base: FLASH,
      sectors: [
        [4, 32 * K],
        [1, 128 * K],
        [3, 256 * K],
      ],
    },
    extra: [options(0x1fff_0000, 48), otp(0x1ff0_f000, 1024), feature],
    rom: { ...ROM, earlyPoll: "block", addressPollMs: 5 },
  },
  {
    name: "l072",
    title: "STM32L072xZ, 192 KiB",
    family: "L0",
    source: "layout strings as published for L0 with 192 KiB (pydfu and webdfu threads)",
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
    source: "layout strings as published for L1 with 1024 pages",
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
      "layout strings as published for L4 with 512 KiB; early poll stalls: dfu-util ticket 40",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/0256*0002Kg",
      "@Option Bytes  /0x1FFF7800/01*040 e",
      "@OTP Memory  /0x1FFF7000/01*0001Ke",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [options(0x1fff_7800, 40, [0xaa, 0xf8, 0xff, 0xff]), otp(0x1fff_7000, 1024), feature],
    rom: { ...ROM, earlyPoll: "stall" },
  },
  {
    name: "f767",
    title: "STM32F767xI, 2 MiB in single-bank mode",
    family: "F7",
    source: "layout as published for F767 in single-bank mode",
    invented: ["option and OTP strings (as F745)", "serial", "option byte content"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
      "@Option Bytes  /0x1FFF0000/01*048 e",
      "@OTP Memory  /0x1FF0F000/01*1024e",
    ],
    flash: {
      base: FLASH,
      sectors: [
        [4, 32 * K],
        [1, 128 * K],
        [7, 256 * K],
      ],
    },
    extra: [options(0x1fff_0000, 48), otp(0x1ff0_f000, 1024)],
    rom: { ...ROM, earlyPoll: "block", addressPollMs: 5 },
  },
  {
    name: "l4r5",
    title: "STM32L4R5xI, 2 MiB, 4 KiB pages in dual-bank mode",
    family: "L4",
    source: "layout strings as published for L4R/L4S",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: OLD_ROM,
    alternates: [
      "@Internal Flash  /0x08000000/512*0004Kg",
      "@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e",
      "@OTP Memory  /0x1FFF7000/01*0001Ke",
    ],
    flash: { base: FLASH, sectors: [[512, 4 * K]] },
    extra: [
      options(0x1ff0_0000, 40, [0xaa, 0xf8, 0xff, 0xff]),
      options(0x1ff0_1000, 40),
      otp(0x1fff_7000, 1024),
    ],
    rom: { ...ROM, earlyPoll: "stall" },
  },
];
