import { DfuError } from "../errors.ts";
import { isDfuse, parseDfuse } from "./dfuse.ts";
import type { Image, ImageFormat, TargetDevice } from "./image.ts";
import { parseRaw } from "./raw.ts";

export interface ParseImageOptions {
  /** Where a raw image goes; 0x08000000 when not given. Ignored by formats that carry addresses. */
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
  readonly recognise: (bytes: Uint8Array) => boolean;
  readonly parse: (bytes: Uint8Array, options: ParseImageOptions) => Image;
}

/** In the order in which they are tried; raw takes whatever is left. */
const FORMATS: readonly Format[] = [
  { name: "dfuse", recognise: isDfuse, parse: (bytes) => parseDfuse(bytes) },
  {
    name: "raw",
    recognise: () => true,
    parse: (bytes, options) => parseRaw(bytes, options.address, options.format === "raw"),
  },
];

/** Recognises the format by content, not by name, and reads it. Throws {@link DfuError} with a code `image.*`. */
export function parseImage(bytes: Uint8Array, options: ParseImageOptions = {}): Image {
  if (bytes.length === 0) throw new DfuError("image.empty", "the file is empty");
  const format = FORMATS.find((candidate) =>
    options.format === undefined ? candidate.recognise(bytes) : candidate.name === options.format,
  );
  if (format === undefined)
    throw new DfuError("image.format", `format ${options.format} is not known`);
  if (options.format === "dfuse" && !format.recognise(bytes)) {
    throw new DfuError("image.format", 'offset 0: expected the signature "DfuSe"');
  }
  const image = format.parse(bytes, options);
  if (image.target !== undefined && options.deviceIds !== undefined) {
    checkTarget(image.target, options.deviceIds);
  }
  return image;
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
