import { DfuError } from "../errors.ts";
import type { Image, ImageFormat } from "./image.ts";

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

/** Recognises the format by content and reads it. Throws {@link DfuError} with a code `image.*`. */
export function parseImage(_bytes: Uint8Array, _options: ParseImageOptions = {}): Image {
  throw new DfuError("internal.bug", "not implemented yet");
}
