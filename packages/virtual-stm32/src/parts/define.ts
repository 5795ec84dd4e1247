import { usage } from "../errors.ts";
import { type FamilyName, family } from "./family.ts";
import type { ExtraMemory, Part, PlainAreas, RomTraits, SectorRun, UsbIdentity } from "./part.ts";

/** How ST's ROMs answer where nothing else is known of one. */
export const ROM: RomTraits = {
  earlyPoll: "busy",
  clrStatusOutsideError: "error",
  pollReport: "exact",
  addressPollMs: 1,
  start: "idle",
  leaveStatus: "answered",
  commands: [0x00, 0x21, 0x41, 0x92],
};

/** "STM32  BOOTLOADER" ROMs: F0 to F7, L0, L1, L4. */
export const OLD_ROM: UsbIdentity = {
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  manufacturer: "STMicroelectronics",
  product: "STM32  BOOTLOADER",
  serial: "377C35563337",
  staticSerial: false,
  interfaceProtocol: 2,
  attributes: 0x0b,
  detachTimeoutMs: 255,
  transferSize: 2048,
  dfuVersion: 0x011a,
};

/**
 * ST's USB Device Library as its examples configure it (STM32CubeF4, DFU_Standalone). The operation runs inside the interrupt of
 * GETSTATUS, so that a host that asks meanwhile waits; usbd_dfu_flash.c announces 50 ms for everything, and loses what is above 255.
 */
export const LIBRARY: RomTraits = {
  ...ROM,
  earlyPoll: "block",
  pollReport: "modulo256",
  addressPollMs: 50,
  commands: [0x00, 0x21, 0x41],
  library: "acknowledges",
};

/** "DFU in FS Mode" ROMs: G0, G4, H7, L5, U5, WB, H5. */
export const NEW_ROM: UsbIdentity = {
  ...OLD_ROM,
  bcdUsb: 0x0200,
  bcdDevice: 0x0200,
  product: "DFU in FS Mode",
  transferSize: 1024,
};

/** What a part is defined by; the family's rules give the rest. */
export interface PartDefinition {
  readonly family: FamilyName;
  readonly sectors: readonly SectorRun[];
  readonly name?: string;
  readonly base?: number;
  /** wTransferSize in bytes; a multiple of the granule. */
  readonly transferSize?: number;
  /** Instead of the layout string made from `sectors`; a lying descriptor is possible. */
  readonly alternates?: readonly string[];
  readonly extra?: readonly ExtraMemory[];
  readonly rom?: Partial<RomTraits>;
  /** With a `dfuVersion` that is not DfuSe's, the part speaks plain DFU 1.1; see {@link Part.plain}. */
  readonly usb?: Partial<UsbIdentity>;
}

/**
 * A part for tests, with any geometry. Small ones (sectors of 16 bytes, transfers of 8) hit every boundary.
 * @throws SimError usage.argument when sectors and granule do not fit together
 */
export function definePart(definition: PartDefinition): Part {
  const { granule } = family(definition.family);
  const base = definition.base ?? 0x0800_0000;
  const transferSize = definition.transferSize ?? 2048;
  for (const [count, size] of definition.sectors) {
    if (count < 1 || size < 1 || size % granule !== 0) {
      throw usage(`${count} sectors of ${size} bytes do not fit a granule of ${granule} bytes`);
    }
  }
  if (transferSize < 1 || transferSize > 4096) throw usage(`transferSize ${transferSize}`);
  const alternates = definition.alternates ?? [layoutString(base, definition.sectors)];
  const isPlain = (definition.usb?.dfuVersion ?? OLD_ROM.dfuVersion) !== OLD_ROM.dfuVersion;
  return {
    name: definition.name ?? "custom",
    title: `custom ${definition.family} part`,
    family: definition.family,
    source: "made for a test",
    invented: ["everything"],
    usb: {
      ...OLD_ROM,
      ...(isPlain ? { attributes: PLAIN_ATTRIBUTES } : {}),
      ...definition.usb,
      transferSize,
    },
    alternates,
    flash: { base, sectors: definition.sectors },
    extra: definition.extra ?? [],
    rom: { ...ROM, ...definition.rom },
    ...(isPlain ? { plain: areasNamedIn(alternates, base) } : {}),
  };
}

/** bitCanDnload, bitCanUpload, bitManifestationTolerant (USB DFU 1.1, table 4.2). */
const PLAIN_ATTRIBUTES = 1 | 2 | 4;

/** "Upload to Flash 0x8002000" takes blocks from there. A name without an address takes nothing, unless it is the only one. */
const areasNamedIn = (alternates: readonly string[], base: number): PlainAreas =>
  alternates.map((name) => {
    const address = /0x([0-9a-f]+)/i.exec(name)?.[1];
    if (address !== undefined) return Number.parseInt(address, 16) - base;
    return alternates.length === 1 ? 0 : undefined;
  });

/** In the form of the ROMs: "@Internal Flash  /0x08000000/04*016Kg,01*064Kg". */
function layoutString(base: number, sectors: readonly SectorRun[]): string {
  const zones = sectors.map(([count, size]) => {
    const kilo = size % 1024 === 0;
    const number = String(kilo ? size / 1024 : size).padStart(3, "0");
    return `${String(count).padStart(2, "0")}*${number}${kilo ? "K" : " "}g`;
  });
  return `@Internal Flash  /0x${base.toString(16).toUpperCase().padStart(8, "0")}/${zones.join(",")}`;
}
