import { type Image, parseImage } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { defined } from "../defined.ts";
import { parseFile } from "../image/parse-file.ts";
import { readInput } from "../image/read-file.ts";
import { Refusal } from "../refusal.ts";

export interface ImageOptions {
  readonly address?: number;
  /** Alternate setting; only the flash memory, 0, can be written. */
  readonly alt?: number;
}

/** A firmware file as it was when it was read: what becomes of the file afterwards does not matter. */
export interface ImageFile {
  readonly image: Image;
  /** The same bytes. Refuses an image that says it is for another USB device (0000 and FFFF mean any). */
  readonly forUnit: (unit: Pick<AttachedUnit, "vendorId" | "productId" | "bcdDevice">) => Image;
}

/** Reads the file before any unit is touched, so that a bad one is a refusal and not a failure of the unit. */
export async function readImage(file: string, options: ImageOptions): Promise<ImageFile> {
  if (options.alt !== undefined && options.alt !== 0)
    throw new Refusal(
      "usage.argument",
      `Alternate ${options.alt} is not the flash memory; only alternate 0 is written and verified.`,
    );
  const bytes = await readInput(file);
  const { address } = options;
  return {
    image: parseFile(file, bytes, address),
    forUnit: ({ vendorId, productId, bcdDevice }) =>
      parseImage(bytes, defined({ address, deviceIds: { vendorId, productId, bcdDevice } })),
  };
}
