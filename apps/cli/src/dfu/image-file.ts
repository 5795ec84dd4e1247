import { readFile } from "node:fs/promises";
import { type Image, parseImage } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";

export interface ImageOptions {
  readonly address?: number;
  /** Alternate setting; only the flash memory, 0, can be written. */
  readonly alt?: number;
}

/** Reads the file before any unit is touched, so that a bad one is a refusal and not a failure of the unit. */
export async function readImage(file: string, options: ImageOptions): Promise<Image> {
  if (options.alt !== undefined && options.alt !== 0)
    throw new Refusal(
      "usage.argument",
      `Alternate ${options.alt} is not the flash memory; only alternate 0 is written and verified.`,
    );
  return parseImage(await readFile(file), defined({ address: options.address }));
}

/** Refuses an image that says it is for another USB device (0000 and FFFF mean any). */
export async function readImageFor(
  unit: AttachedUnit,
  file: string,
  options: ImageOptions,
): Promise<Image> {
  const { vendorId, productId, bcdDevice } = unit;
  return parseImage(
    await readFile(file),
    defined({ address: options.address, deviceIds: { vendorId, productId, bcdDevice } }),
  );
}
