import { DfuError, hex32 } from "../errors.ts";
import { isDfuse, parseDfuse } from "./dfuse.ts";
import { isElf, parseElf } from "./elf.ts";
import type { Image, ImageFormat, TargetDevice } from "./image.ts";
import { isHex, parseHex } from "./parse-hex.ts";
import { isSrec, parseSrec } from "./parse-srec.ts";
import { parseRaw } from "./raw.ts";

export interface ParseImageOptions {
  /** Where a raw image goes; 0x08000000 when not given. A format that carries addresses keeps its own, with a warning. */
  readonly address?: number;
  /** The attached device; a file made for other ids is refused with `image.wrong_device`. */
  readonly deviceIds?: {
    readonly vendorId: number;
    readonly productId: number;
    readonly bcdDevice?: number;
  };
  /** Skips recognition by content. */
  readonly format?: ImageFormat;
}

interface Format {
  readonly name: ImageFormat;
  /** What a file of this format has at its beginning. */
  readonly mark: string;
  readonly recognise: (bytes: Uint8Array) => boolean;
  readonly parse: (bytes: Uint8Array, options: ParseImageOptions) => Image;
}

/** In the order in which they are tried; raw takes whatever is left. */
const FORMATS: readonly Format[] = [
  { name: "dfuse", mark: 'the signature "DfuSe"', recognise: isDfuse, parse: parseDfuse },
  { name: "elf", mark: "the signature 7f 45 4c 46", recognise: isElf, parse: parseElf },
  { name: "hex", mark: "Intel HEX records", recognise: isHex, parse: parseHex },
  { name: "srec", mark: "S-records", recognise: isSrec, parse: parseSrec },
  {
    name: "raw",
    mark: "",
    recognise: () => true,
    parse: (bytes, options) => parseRaw(bytes, options.address, options.format === "raw"),
  },
];

/** Recognises the format by content, not by name, and reads it. Throws {@link DfuError} with a code `image.*`. */
export function parseImage(content: Uint8Array, options: ParseImageOptions = {}): Image {
  // Not a Buffer, whose slice() is no copy: an image is its own, whatever becomes of the file's bytes.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length === 0) throw new DfuError("image.empty", "the file is empty");
  const format = FORMATS.find((candidate) =>
    options.format === undefined ? candidate.recognise(bytes) : candidate.name === options.format,
  );
  if (format === undefined)
    throw new DfuError("image.format", `format ${options.format} is not known`);
  if (!format.recognise(bytes)) {
    throw new DfuError("image.format", `offset 0: expected ${format.mark}`);
  }
  const image = withoutAddress(format.parse(bytes, options), options.address);
  if (image.target !== undefined && options.deviceIds !== undefined) {
    checkTarget(image.target, options.deviceIds);
  }
  return image;
}

function withoutAddress(image: Image, address: number | undefined): Image {
  if (image.format === "raw" || address === undefined) return image;
  const note = `the file carries its own addresses; ${hex32(address)} is not used`;
  return { ...image, warnings: [...image.warnings, note] };
}

/** 0x0000 (ST's own sample files) and 0xFFFF (USB DFU 1.1, appendix B) mean any. */
const differs = (file: number, device: number): boolean =>
  file !== 0x0000 && file !== 0xffff && file !== device;

/** Throws `image.wrong_device` when the file is made for another USB device; bcdDevice is the bootloader's version and not compared. */
function checkTarget(target: TargetDevice, device: { vendorId: number; productId: number }): void {
  if (differs(target.vendorId, device.vendorId) || differs(target.productId, device.productId)) {
    const ids = (vendor: number, product: number) =>
      `${vendor.toString(16).padStart(4, "0")}:${product.toString(16).padStart(4, "0")}`;
    throw new DfuError(
      "image.wrong_device",
      `the file is for ${ids(target.vendorId, target.productId)}, the device is ${ids(device.vendorId, device.productId)}`,
    );
  }
}
