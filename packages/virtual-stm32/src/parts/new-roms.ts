import { NEW_ROM, ROM } from "./define.ts";
import { FLASH, K, options, otp } from "./memories.ts";
import { doubledWords, pairedWords, plainWords } from "./option-words.ts";
import type { Part } from "./part.ts";

/** Delivery values: blackmagic stm32l4.c (RM0440). */
const G4_AREAS = [0xffff_ffff, 0x00ff_0000, 0xff00_ffff, 0xff00_ffff, 0xff00_ff00] as const;
const G4_OPTIONS = doubledWords(0xffef_f8aa, ...G4_AREAS);
/** Delivery values: RM0490, table 18 (C0, the same flash); reserved bits as 1. */
const G0_OPTIONS = [
  ...doubledWords(0xffff_feaa, 0xffff_ffff, 0x7fff_fe00, 0xff80_ffff, 0xff80_ffff),
  ...doubledWords(0xffff_ffff, 0xffff_fe00, ...Array.from({ length: 7 }, () => 0xffff_ffff)),
  ...doubledWords(0xfffe_ff80, 0xffff_ffff),
];
const H7_OPTIONS = pairedWords(0x13c6_aaf0, 0x0000_00ff, 0x0000_00ff, 0x0000_00ff, 0x1ff0_0800);
const WB_OPTIONS = doubledWords(0x3fff_f1aa, ...Array.from({ length: 15 }, () => 0xffff_ffff));
const L5_OPTIONS = plainWords(
  0x7fef_f8aa,
  ...[0x0800_007f, 0x0bf9_007f, 0x0c00_007c],
  ...[0xff80_ffff, 0x7f80_7f80, 0xff80_ffff, 0xff80_ffff],
  ...[0xff80_ffff, 0x7f80_7f80, 0xff80_ffff, 0xff80_ffff],
);
const U5_OPTIONS = plainWords(0x1fef_f8aa, 0x0800_007f, 0x0bf9_007f, 0x0c00_007c);

export const NEW_ROM_PARTS: readonly Part[] = [
  {
    name: "g0b1",
    title: "STM32G0B1/G0C1xE, 512 KiB",
    family: "G0",
    source:
      "dfu-util 0.9 -l of a printer board with 512 KiB, all three alternates carry the flash string (so do those of boards with 128 KiB, 64*02Kg); ST community td-p/839156: lsusb of a G0C1",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "20653172574B" },
    alternates: [
      "@Internal Flash   /0x08000000/256*02Kg",
      "@Internal Flash   /0x08000000/256*02Kg",
      "@Internal Flash   /0x08000000/256*02Kg",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [options(0x1fff_7800, 128, G0_OPTIONS), otp(0x1fff_7000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "g0b1xb",
    title: "STM32G0B1xB, 128 KiB",
    family: "G0",
    source:
      "dfu-util -l of a printer board whose firmware calls itself stm32g0b1xx, in a Klipper guide: all three alternates carry the flash string",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "203739645542" },
    alternates: [
      "@Internal Flash   /0x08000000/64*02Kg",
      "@Internal Flash   /0x08000000/64*02Kg",
      "@Internal Flash   /0x08000000/64*02Kg",
    ],
    flash: { base: FLASH, sectors: [[64, 2 * K]] },
    extra: [options(0x1fff_7800, 128, G0_OPTIONS), otp(0x1fff_7000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "g431",
    title: "STM32G431xB, 128 KiB",
    family: "G4",
    source:
      "dfu-util 0.11 -l of a part with 64 pages of 2 KiB, all three strings, in a tutorial that blinks an LED (code search, string 0x1FFF7800/01*40Be)",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "208A31574253" },
    alternates: [
      "@Internal Flash   /0x08000000/64*02Kg",
      "@Option Bytes   /0x1FFF7800/01*40Be",
      "@OTP Memory   /0x1FFF7000/01*01Ke",
    ],
    flash: { base: FLASH, sectors: [[64, 2 * K]] },
    extra: [options(0x1fff_7800, 40, G4_OPTIONS.slice(0, 40)), otp(0x1fff_7000, 1024)],
    rom: ROM,
  },
  {
    name: "g474",
    title: "STM32G474xE, 512 KiB in two banks",
    family: "G4",
    source:
      "dfu-util 0.11 -l of a WeAct STM32G474 board in a guide to its Zephyr port, all three strings; betaflight-configurator usbdfu.js names the option bytes string too",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "205939885533" },
    alternates: [
      "@Internal Flash   /0x08000000/256*02Kg",
      "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
      "@OTP Memory   /0x1FFF7000/01*1024 e",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [
      options(0x1fff_7800, 48, G4_OPTIONS),
      options(0x1fff_f800, 48, doubledWords(0xffff_ffff, ...G4_AREAS)),
      otp(0x1fff_7000, 1024),
    ],
    rom: ROM,
  },
  {
    name: "h743",
    title: "STM32H743xI, 2 MiB in two banks",
    family: "H7",
    source:
      "dfu-util -l in the comments of a tool for the Daisy board (an H750, which shows these strings of H743's), ver=0200, with this serial",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
    flash: { base: FLASH, sectors: [[16, 128 * K]] },
    extra: [options(0x5200_201c, 128, H7_OPTIONS)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "h723",
    title: "STM32H723xG, 1 MiB",
    family: "H7",
    source: "dfu-util -l of a BTT Manta M8P v2.0 in the comments of a Klipper update script",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "3560376F3431" },
    alternates: ["@Internal Flash   /0x08000000/8*128Kg", "@Option Bytes   /0x5200201C/01*88 e"],
    flash: { base: FLASH, sectors: [[8, 128 * K]] },
    extra: [options(0x5200_201c, 88, H7_OPTIONS)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "h7a3",
    title: "STM32H7A3xI, 2 MiB",
    family: "H7A3",
    source:
      "o-murphy/pydfuutil issue 15 (all three strings); dfu-util -l of an STM32H7A3VIT6 board in its MicroPython port's README, ver=0200, with this serial",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "376E356F3339" },
    alternates: [
      "@Internal Flash   /0x08000000/256*08Kg",
      "@Option Bytes   /0x5200201C/01*297 e",
      "@OTP Memory   /0x08FFF000/01*1024 e",
    ],
    flash: { base: FLASH, sectors: [[256, 8 * K]] },
    extra: [options(0x5200_201c, 297, H7_OPTIONS), otp(0x08ff_f000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "l552",
    title: "STM32L552xE, 512 KiB in two banks",
    family: "L5",
    source:
      "strings in the test data of two firmware updaters, one with a serial and an OTP string; not seen in a device log",
    invented: ["strings (test data only)", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "205630584E43" },
    alternates: [
      "@Internal Flash   /0x08000000/256*02Kg",
      "@Option Bytes   /0x40022040/01*48 e",
      "@OTP Memory   /0x1FFF7000/01*512 e",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [options(0x4002_2040, 48, L5_OPTIONS), otp(0x1fff_7000, 512)],
    rom: ROM,
  },
  {
    name: "wb55",
    title: "STM32WB55xG, 1 MiB",
    family: "WB",
    source:
      "flash string: dfu-util's -a argument in a published script for a chip with 256 pages of 4 KiB, which only WB has; product, serial, address and size of the option bytes: ST community td-p/814513, log of STM32CubeProgrammer over USB; GETSTATUS after leave stays away, as users report",
    invented: [
      "letters and blanks of the option bytes string",
      "OTP string",
      "option byte content",
      "poll time of SET_ADDRESS",
    ],
    usb: { ...NEW_ROM, serial: "207431743831" },
    alternates: [
      "@Internal Flash   /0x08000000/256*04Kg",
      "@Option Bytes   /0x1FFF8000/01*128 e",
      "@OTP Memory   /0x1FFF7000/01*01Ke",
    ],
    flash: { base: FLASH, sectors: [[256, 4 * K]] },
    extra: [options(0x1fff_8000, 128, WB_OPTIONS), otp(0x1fff_7000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "u585",
    title: "STM32U575/U585xI, 2 MiB",
    family: "U5",
    source:
      "Zephyr's documentation of an ST board with U585: dfu-util -l and dmesg, all three strings; GETSTATUS after leave stays away: a development kit's guide tells its users to ignore dfu-util's error there",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "207136863530" },
    alternates: [
      "@Internal Flash   /0x08000000/256*08Kg",
      "@Option Bytes   /0x40022040/01*64 e",
      "@OTP Memory   /0x0BFA0000/01*512 e",
    ],
    flash: { base: FLASH, sectors: [[256, 8 * K]] },
    extra: [options(0x4002_2040, 64, U5_OPTIONS), otp(0x0bfa_0000, 512)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "h750",
    title: "STM32H750xB, 128 KiB in one sector",
    family: "H7",
    source: "public dfu-util listing of H750; its page is not recorded",
    invented: ["option bytes string (as H743)", "serial", "option byte content"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: ["@Internal Flash   /0x08000000/01*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
    flash: { base: FLASH, sectors: [[1, 128 * K]] },
    extra: [options(0x5200_201c, 128, H7_OPTIONS)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
];
