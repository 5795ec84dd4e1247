import type { FamilyName } from "./family.ts";

/** `count` sectors of `size` bytes each. */
export type SectorRun = readonly [count: number, size: number];

/** Memory that the bootloader reaches besides the flash. `data` is data EEPROM, written by words; the others are kept byte by byte. */
export interface ExtraMemory {
  readonly kind: "options" | "otp" | "feature" | "data";
  readonly base: number;
  readonly size: number;
  /** Initial content from `base`; the rest has the erased value. */
  readonly content?: readonly number[];
}

/** How a ROM (or ST's library) differs from the others in its answers. */
export interface RomTraits {
  /** GETSTATUS before the operation is over: answers dfuDNBUSY, stalls (L4), or holds the bus until it is over (F7). */
  readonly earlyPoll: "busy" | "stall" | "block";
  /** CLRSTATUS outside dfuERROR: enters dfuERROR/errUNKNOWN as ST's library does, or stalls. */
  readonly clrStatusOutsideError: "error" | "stall";
  /** ST's library loses the middle byte of the poll time: it reports it modulo 256 ms. */
  readonly pollReport: "exact" | "modulo256";
  /** Reported for SET_ADDRESS, in ms. */
  readonly addressPollMs: number;
  /** Reported for a mass erase, in ms, when it is not the truth (F405: 100). */
  readonly massErasePollMs?: number;
  /** bState and bStatus after the first enumeration. */
  readonly start: "idle" | "error-firmware";
  /** GETSTATUS after the leave request: answered with dfuMANIFEST, or the unit is gone already. */
  readonly leaveStatus: "answered" | "missing";
  /**
   * A product's own bootloader on ST's USB Device Library, in user flash, and what it makes of an unknown command of five bytes:
   * older versions say OK, newer ones return USBD_FAIL and stay in dfuDNBUSY (usbd_dfu.c, USBD_DFU_EP0_TxReady). Absent: a ROM.
   */
  readonly library?: "acknowledges" | "hangs";
  /** Pointer after SET_CONFIGURATION; the start of the flash when absent. The library's USBD_DFU_APP_DEFAULT_ADD. */
  readonly defaultPointer?: number;
  /** Answer of UPLOAD block 0. */
  readonly commands: readonly number[];
}

/** What a part's device descriptor and its strings say. */
export interface UsbIdentity {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdUsb: number;
  readonly bcdDevice: number;
  readonly manufacturer: string;
  readonly product: string;
  /** iSerialNumber of a unit that gets no other. */
  readonly serial: string;
  /** Every unit of the part has the same one: the ROM sees no UID (F04x, F07x, F303) or does not use it (F446, F107). */
  readonly staticSerial: boolean;
  readonly interfaceProtocol: number;
  readonly attributes: number;
  readonly detachTimeoutMs: number;
  readonly transferSize: number;
  readonly dfuVersion: number;
  /** The ROM sends so many bytes of a string descriptor and no more, whatever its bLength announces. */
  readonly longestString?: number;
}

/** A kind of virtual unit: its memories, its strings, the rules of its family. */
export interface Part {
  /** As on the command line: "f407". */
  readonly name: string;
  readonly title: string;
  readonly family: FamilyName;
  /** Where the strings below were published. */
  readonly source: string;
  /** Figures that are not published and were made up here; empty when all are published. */
  readonly invented: readonly string[];
  readonly usb: UsbIdentity;
  /** iInterface of each alternate setting, verbatim. */
  readonly alternates: readonly string[];
  readonly flash: { readonly base: number; readonly sectors: readonly SectorRun[] };
  readonly extra: readonly ExtraMemory[];
  readonly rom: RomTraits;
  /** A product's own bootloader that speaks plain DFU 1.1; ST's DfuSe when absent, and then `rom` says how. */
  readonly plain?: PlainAreas;
  /** It starts its application, which goes to the bootloader when it is asked to; absent: it starts its bootloader. */
  readonly runTime?: RunTimeIdentity;
}

/** What a product shows while its application runs, with a DFU interface in run-time mode. */
export interface RunTimeIdentity {
  readonly productId: number;
  readonly product: string;
  /** bitWillDetach: after DETACH it leaves the bus by itself; otherwise it waits for a reset. */
  readonly willDetach: boolean;
}

/** For each alternate, the offset in the flash where its memory starts, up to the flash's end; none that takes nothing. */
export type PlainAreas = readonly (number | undefined)[];
