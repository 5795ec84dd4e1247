import { OLD_ROM, ROM } from "./define.ts";
import { FLASH, feature, K, options, otp } from "./memories.ts";
import { halvedWords } from "./option-words.ts";
import type { Part } from "./part.ts";

/** USER and RDP of the delivery state (RM0090, section 3.6). */
const F4_OPTIONS = [0xff, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
/** Delivery values: blackmagic stm32f4.c; FLASH_OPTCR's bits 0 and 1 are no option bits. */
const F7_BOOT = 0x0040_0080;
const F72X_OPTIONS = halvedWords(0xc0ff_aaff, F7_BOOT, 0);
const F74X_OPTIONS = halvedWords(0xc0ff_aaff, F7_BOOT);
const F76X_OPTIONS = halvedWords(0xffff_aaff, F7_BOOT);

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

const f429: Part = {
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
    options(0x1fff_c000, 16, [0xef, ...F4_OPTIONS.slice(1)]),
    options(0x1ffe_c000, 16, [0xff, 0xff, ...F4_OPTIONS.slice(2)]),
    otp(0x1fff_7800, 528),
    otp(0x1ffe_7800, 528),
  ],
  rom: ROM,
};

export const F4_F7_PARTS: readonly Part[] = [
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
    name: "f411",
    title: "STM32F411xE, BlackPill",
    family: "F4",
    source: "zmkfirmware/zmk issue 1711: dfu-util listing with all four alternates and the serial",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "3377337E3539" },
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
  // jscpd:ignore-start: each part stands as its own source has it, also where another one says the same.
  {
    name: "f446",
    title: "STM32F446xE",
    family: "F4",
    source:
      "dfu-util -l of FYSETC Spider boards (F446) in several guides, all four strings and the serial; the serial also in TAStm32 pull request 71",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
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
  // jscpd:ignore-end
  f429,
  {
    ...f429,
    name: "f429zi",
    title:
      "STM32F429ZI, 2 MiB in two banks, a ROM that sends 112 of the 166 bytes of its flash string",
    source:
      "dfu-util -l of an F429ZIT in ST community thread 50361: the serial and all strings but the flash string, which came cut; that one: dfu-util -l in the guide of the LEIA board; what is sent: BIGTREETECH-OCTOPUS-Pro issue 3",
    invented: ["option byte content", "poll time of SET_ADDRESS"],
    usb: { ...OLD_ROM, serial: "375A38643337", longestString: 112 },
    alternates: [
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
      "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e",
      "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
      "@Device Feature/0xFFFF0000/01*004 e",
    ],
    extra: [...f429.extra, feature],
  },
  {
    name: "f722",
    title: "STM32F722xE, 512 KiB",
    family: "F7",
    source:
      "dfu-util 0.11 -l of a Betaflight board with 512 KiB in notes on flashing it, all four strings and the serial (of F722 and F723 alike: TAStm32 pull request 71); GETSTATUS as F745",
    invented: ["option byte content"],
    usb: { ...OLD_ROM, serial: "STM32FxSTM32", staticSerial: true },
    alternates: [
      "@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg",
      "@Option Bytes  /0x1FFF0000/01*048 e",
      "@OTP Memory /0x1FF07800/01*528e",
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
    extra: [options(0x1fff_0000, 48, F72X_OPTIONS), otp(0x1ff0_7800, 528), feature],
    rom: { ...ROM, earlyPoll: "block", addressPollMs: 5 },
  },
  {
    name: "f745",
    title: "STM32F745xG",
    family: "F7",
    source:
      "fwupd pull request 1944 (GETSTATUS holds the bus, SET_ADDRESS reports 5 ms); layout string of F74x, its page not recorded",
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
    extra: [options(0x1fff_0000, 48, F74X_OPTIONS), otp(0x1ff0_f000, 1024), feature],
    rom: { ...ROM, earlyPoll: "block", addressPollMs: 5 },
  },
  {
    name: "f767",
    title: "STM32F767xI, 2 MiB in single-bank mode",
    family: "F7",
    source:
      "layout string of F765/F767/F769 in single-bank mode as MicroPython's mboot has it; no device log",
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
    extra: [options(0x1fff_0000, 48, F76X_OPTIONS), otp(0x1ff0_f000, 1024)],
    rom: { ...ROM, earlyPoll: "block", addressPollMs: 5 },
  },
];
