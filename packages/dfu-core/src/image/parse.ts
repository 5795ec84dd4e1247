import { DfuError, hex32 } from "../errors.ts";
import { parseDfuse } from "./dfuse.ts";
import { parseElf } from "./elf.ts";
import type { Image, ImageFormat, TargetDevice } from "./image.ts";
import { parseHex } from "./parse-hex.ts";
import { parseSrec } from "./parse-srec.ts";
import { parseRaw } from "./raw.ts";
import { FORMAT_MARKS, recogniseFile } from "./recognise.ts";

/** How a file's bytes are to be understood. All have defaults. */
export interface ParseImageOptions {
  /** Where a raw image goes; 0x08000000 when not given. A format that carries addresses keeps its own, with a warning. */
  readonly address?: number;
  /** The attached device; a file made for other ids is refused with `image.wrong_device`. */
  readonly deviceIds?: {
    readonly vendorId: number;
    readonly productId: number;
    readonly bcdDevice?: number;
  };
  /** The file's name, with or without its folders: bytes of no format are refused under most. See {@link recogniseFile}. */
  readonly name?: string;
  /** A person said what the file is; `raw` takes every byte as data. */
  readonly format?: ImageFormat;
}

const READERS: Readonly<
  Record<ImageFormat, (bytes: Uint8Array, options: ParseImageOptions) => Image>
> = {
  dfuse: parseDfuse,
  elf: parseElf,
  hex: parseHex,
  srec: parseSrec,
  raw: (bytes, options) => parseRaw(bytes, options.address, options.format === "raw"),
};

/**
 * Recognises a file with {@link recogniseFile} and reads it. Throws {@link DfuError} with a code `image.*`;
 * `image.not_firmware` names what the file is instead.
 */
export function parseImage(content: Uint8Array, options: ParseImageOptions = {}): Image {
  // A Buffer's slice() does not copy. The image must not change when the file's bytes do.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length === 0) throw new DfuError("image.empty", "the file is empty");
  const { format, note } = formatOf(bytes, options);
  const read = withoutAddress(READERS[format](bytes, options), options.address);
  const image = note === undefined ? read : { ...read, warnings: [note, ...read.warnings] };
  if (image.target !== undefined && options.deviceIds !== undefined) {
    checkTarget(image.target, options.deviceIds);
  }
  return image;
}

function formatOf(
  bytes: Uint8Array,
  { format, name }: ParseImageOptions,
): { readonly format: ImageFormat; readonly note: string | undefined } {
  if (format === undefined) {
    const found = recogniseFile(bytes, name);
    if (found.kind === "firmware") return found;
    throw new DfuError(
      "image.not_firmware",
      `not a firmware file: ${found.is.name}. ${found.is.advice}`,
    );
  }
  if (format !== "raw") {
    const wanted = FORMAT_MARKS.find((entry) => entry.format === format);
    if (wanted === undefined) throw new DfuError("image.format", `format ${format} is not known`);
    if (!wanted.matches(bytes)) {
      throw new DfuError("image.format", `offset 0: expected ${wanted.mark}`);
    }
  }
  return { format, note: noteOnRaw(bytes, format) };
}

/** A file of another format, flashed as raw bytes, does not start. The person may have meant its content. */
function noteOnRaw(bytes: Uint8Array, format: ImageFormat): string | undefined {
  const found = format === "raw" ? recogniseFile(bytes) : undefined;
  return found?.kind === "firmware" && found.format !== "raw"
    ? `the content is of the format ${found.format}, and its bytes are taken as they are`
    : undefined;
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
