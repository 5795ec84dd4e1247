import type { FamilyName } from "../parts/part.ts";

/** What a device does that no specification says, what this engine does about it, and who found out. */
export interface Quirk {
  readonly what: string;
  readonly remedy: string;
  /** Erratum, thread, or the source of a tool that works around it. */
  readonly source: string;
  /** What the code needs to know of it. */
  readonly [fact: string]: unknown;
}

/**
 * The one table of quirks. What the code needs to know of one stands in its row; what other tools do and this one does not
 * stands in {@link AVOIDED}.
 */
export const QUIRKS = {
  "status-blocks": {
    what: "The GETSTATUS that starts an operation is answered only when the operation is over.",
    remedy: "Its time-out after an erase is 35 s.",
    source: "fwupd PR 1944 (F745)",
    timeoutMs: 35_000,
  },
  "mass-erase-lies": {
    what: "F405 announces 100 ms for a mass erase that takes up to 32 s.",
    remedy: "A mass erase may be busy for 180 s, and its first GETSTATUS for 60 s.",
    source: "dfu-util ticket 3; DS8626 table 40",
    budgetMs: 180_000,
    timeoutMs: 60_000,
  },
  "slow-but-sure": {
    what: "Behind some controllers dfuDNBUSY lasts thirty times as long, and then the operation is done.",
    remedy: "Budgets are thirty times the datasheet's maximum, in time and not in polls.",
    source: "dfu-util tickets 25 and 78 (ThinkPad P1 with F072)",
    factor: 30,
  },
  "early-poll-stalls": {
    what: "L4 stalls a GETSTATUS that comes before its operation is done.",
    remedy: "GETSTATE tells whether the device is at work; then it is polled again.",
    source: "dfu-util ticket 40, commit c15ee60",
  },
  "poll-modulo-256": {
    what: "ST's library shifts the middle byte of the poll time away: 300 ms are announced as 44.",
    remedy: "A family's own time is the least wait, whatever is announced.",
    source: "usbd_dfu_flash.c, TIME << 8",
  },
  "stalled-command": {
    what: "A DfuSe command is stalled now and then although nothing is wrong.",
    remedy: "It is sent again after a resync.",
    source: "particle-usb dfu.js (5 tries, 1 s apart)",
  },
  "busy-wedge": {
    what: "H743 revision V hangs in dfuDNBUSY when a sector of its second bank is erased.",
    remedy:
      "After three times the longest erase CLRSTATUS twice, which is sent for nothing else outside dfuERROR; what reads blank then was erased.",
    source: "betaflight-configurator PR 1861, issue 1972",
    families: ["H7"] as readonly FamilyName[],
    from: 0x0810_0000,
    factor: 3,
  },
  "bank2-erase-early": {
    what: "Bootloader V9.1 of H74x says that an erase in the second bank is done before it is.",
    remedy:
      "At least 4 s after each of them; the version cannot be seen over DFU, so with every version.",
    source: "AN2606, H74x V9.1",
    families: ["H7"] as readonly FamilyName[],
    /** Where the second bank begins. */
    from: 0x0810_0000,
    floorMs: 4000,
  },
  "truncated-strings": {
    what: "F42x announces 166 bytes of string and sends 112.",
    remedy:
      "A string is read as far as it came; the option bytes of a second bank tell that its half of the layout is missing, and it is added.",
    source:
      "ST community, thread 27098; dfu-util 0.11 (string 4, 166 announced, 112 received: BIGTREETECH-OCTOPUS-Pro issue 3)",
    /** Where the option bytes of the second bank begin. */
    secondOptionBytes: 0x1ffe_c000,
  },
  "missing-access-letter": {
    what: "Some F4 ROMs give Device Feature no access letter.",
    remedy: "It is read as e; the memory is never flashed anyhow.",
    source: "dfu-util dfuse_mem.c",
  },
  "pointer-before-leave": {
    what: "The start address of a leave is wherever the pointer happens to be.",
    remedy: "SET_ADDRESS before every leave.",
    source: "dfu-util ticket 99, commit 6e09e4d",
  },
  "status-after-leave": {
    what: "The GETSTATUS after a leave or an option-byte write fails because the unit is gone already.",
    remedy: "That failure is not counted.",
    source: "Klipper PR 5596 and 5703; dfu-util ticket 36",
  },
  "protocol-zero": {
    what: "Some clones announce bInterfaceProtocol 0.",
    remedy: "The class and subclass decide.",
    source: "dfu-util dfu_util.c, line 285 (DSO Nano)",
  },
  "no-transfer-size": {
    what: "Some clones announce a wTransferSize of 0.",
    remedy: "2048 is taken.",
    source: "betaflight-configurator usbdfu.js",
    bytes: 2048,
  },
  "gd32vf103-pages": {
    what: "GD32VF103 announces 512 pages of 2 KiB; they have 1 KiB, and their number stands in its serial.",
    remedy: "The layout is replaced.",
    source: "dfu-util quirks.c, lines 65 to 73; sizes by serial unchecked",
    vendorId: 0x28e9,
    productId: 0x0189,
  },
} as const satisfies Readonly<Record<string, Quirk>>;

/** What other tools do in the same places. A test holds the engine against each row. */
export const AVOIDED = {
  "automatic-unprotect": "0x92 after errVENDOR erases the unit; a bad link reports errVENDOR too",
  "erase-fallback": "a failed sector erase is no reason for a mass erase",
  "swallowed-verify": "a verification that fails or cannot be made is no PASS",
  "image-size-is-file-size": "DFUImageSize leaves the suffix out; all of ST's own files do",
  "clear-status-at-start": "CLRSTATUS outside dfuERROR puts ST's library into dfuERROR",
  "no-poll-time": "polling at once stalls L4 and hides a wedge",
  "last-zone-only": "a layout may have several zones, with gaps",
  "ignored-access": "a read-only sector stays as it is",
  "multiplier-needed": "1536*128g is 1536 sectors of 128 bytes",
} as const satisfies Readonly<Record<string, string>>;
