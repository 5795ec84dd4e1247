import { NEW_ROM, ROM } from "./define.ts";
import type { ExtraMemory, Part } from "./part.ts";

const K = 1024;
const FLASH = 0x0800_0000;
const RDP_LEVEL_0 = [0xaa, 0xff, 0xff, 0xff];

const options = (base: number, size: number, content: readonly number[] = []): ExtraMemory => ({
  kind: "options",
  base,
  size,
  content,
});
const otp = (base: number, size: number): ExtraMemory => ({ kind: "otp", base, size });

export const NEW_ROM_PARTS: readonly Part[] = [
  {
    name: "g0b1",
    title: "STM32G0B1/G0C1xE, 512 KiB",
    family: "G0",
    source:
      "ST community td-p/839156: dfu-util -l and lsusb of a G0C1, all three alternates carry the flash string",
    invented: [
      "blanks in the string beyond what the forum shows",
      "serial",
      "option byte content",
      "poll time of SET_ADDRESS",
    ],
    usb: { ...NEW_ROM, serial: "204E315A4630" },
    alternates: [
      "@Internal Flash /0x08000000/256*02Kg",
      "@Internal Flash /0x08000000/256*02Kg",
      "@Internal Flash /0x08000000/256*02Kg",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [options(0x1fff_7800, 128, RDP_LEVEL_0), otp(0x1fff_7000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "g431",
    title: "STM32G431xB, 128 KiB",
    family: "G4",
    source: "layout strings as published for G0/G4 with 128 KiB",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "204E315A4630" },
    alternates: [
      "@Internal Flash   /0x08000000/64*02Kg",
      "@Option Bytes   /0x1FFF7800/01*40Be",
      "@OTP Memory   /0x1FFF7000/01*01Ke",
    ],
    flash: { base: FLASH, sectors: [[64, 2 * K]] },
    extra: [options(0x1fff_7800, 40, RDP_LEVEL_0), otp(0x1fff_7000, 1024)],
    rom: ROM,
  },
  {
    name: "g474",
    title: "STM32G474xE, 512 KiB in two banks",
    family: "G4",
    source: "layout strings as published for G4 with 512 KiB",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "204E315A4630" },
    alternates: [
      "@Internal Flash   /0x08000000/256*02Kg",
      "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
      "@OTP Memory   /0x1FFF7000/01*1024 e",
    ],
    flash: { base: FLASH, sectors: [[256, 2 * K]] },
    extra: [
      options(0x1fff_7800, 48, RDP_LEVEL_0),
      options(0x1fff_f800, 48),
      otp(0x1fff_7000, 1024),
    ],
    rom: ROM,
  },
  {
    name: "h743",
    title: "STM32H743xI, 2 MiB in two banks",
    family: "H7",
    source: "dfu-util listing of an H743 with ROM 2.00 and serial 200364500000",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
    flash: { base: FLASH, sectors: [[16, 128 * K]] },
    extra: [options(0x5200_201c, 128, [0xf0, 0xaa, 0xc6, 0x13])],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "h723",
    title: "STM32H723xG, 1 MiB",
    family: "H7",
    source: "layout strings as published for H723",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: ["@Internal Flash   /0x08000000/8*128Kg", "@Option Bytes   /0x5200201C/01*88 e"],
    flash: { base: FLASH, sectors: [[8, 128 * K]] },
    extra: [options(0x5200_201c, 88, [0xf0, 0xaa, 0xc6, 0x13])],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "h7a3",
    title: "STM32H7A3xI, 2 MiB",
    family: "H7A3",
    source: "layout strings as published for H7A3/H7B3",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: [
      "@Internal Flash   /0x08000000/256*08Kg",
      "@Option Bytes   /0x5200201C/01*297 e",
      "@OTP Memory   /0x08FFF000/01*1024 e",
    ],
    flash: { base: FLASH, sectors: [[256, 8 * K]] },
    extra: [options(0x5200_201c, 297, [0xf0, 0xaa, 0xc6, 0x13]), otp(0x08ff_f000, 1024)],
    rom: { ...ROM, leaveStatus: "missing" },
  },
  {
    name: "u585",
    title: "STM32U575/U585xI, 2 MiB",
    family: "U5",
    source: "layout strings as published for U575/U585",
    invented: ["serial", "option byte content", "poll time of SET_ADDRESS"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: [
      "@Internal Flash   /0x08000000/256*08Kg",
      "@Option Bytes   /0x40022040/01*64 e",
      "@OTP Memory   /0x0BFA0000/01*512 e",
    ],
    flash: { base: FLASH, sectors: [[256, 8 * K]] },
    extra: [options(0x4002_2040, 64, RDP_LEVEL_0), otp(0x0bfa_0000, 512)],
    rom: ROM,
  },
  {
    name: "h750",
    title: "STM32H750xB, 128 KiB in one sector",
    family: "H7",
    source: "layout string as published for H750",
    invented: ["option bytes string (as H743)", "serial", "option byte content"],
    usb: { ...NEW_ROM, serial: "200364500000" },
    alternates: ["@Internal Flash   /0x08000000/01*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
    flash: { base: FLASH, sectors: [[1, 128 * K]] },
    extra: [options(0x5200_201c, 128, [0xf0, 0xaa, 0xc6, 0x13])],
    rom: { ...ROM, leaveStatus: "missing" },
  },
];
