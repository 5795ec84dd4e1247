import {
  atFlashAddress,
  DfuError,
  hex32,
  type Image,
  parseImage,
  partOfImage,
} from "@flashline/dfu-core";
import { findVectorTable, vectorTableProblem } from "@flashline/dfu-core/image";
import type { DeviceDescriptors } from "@flashline/dfu-core/protocol";
import type { AttachedUnit } from "@flashline/usb-host";
import { defined } from "../defined.ts";
import { type FileOptions, parseFile, readingOptions } from "../image/parse-file.ts";
import type { PartsOptions } from "../image/parts.ts";
import { readInput } from "../image/read-file.ts";

export interface ImageOptions extends PartsOptions, FileOptions {}

/** A firmware file as it was when it was read: what becomes of the file afterwards does not matter. */
export interface ImageFile {
  /** The part of it that is wanted. */
  readonly image: Image;
  /** The same bytes. Refuses an image that says it is for another USB device (0000 and FFFF mean any). */
  readonly forUnit: (unit: Pick<AttachedUnit, "vendorId" | "productId" | "bcdDevice">) => Image;
}

/** Reads the file before any unit is touched, so that a bad one is a refusal and not a failure of the unit. */
export async function readImage(file: string, options: ImageOptions): Promise<ImageFile> {
  const bytes = await readInput(file);
  const { only, skip } = options;
  const reading = readingOptions(file, options);
  const part = (image: Image) => withVectorNote(partOfImage(image, defined({ only, skip })));
  return {
    image: part(parseFile(file, bytes, options)),
    forUnit: ({ vendorId, productId, bcdDevice }) =>
      part(parseImage(bytes, { ...reading, deviceIds: { vendorId, productId, bcdDevice } })),
  };
}

/** Says at once what would only show when the unit does not start. */
function withVectorNote(image: Image): Image {
  const problem = vectorTableProblem(image);
  if (problem === undefined) return image;
  const found = findVectorTable(image);
  const note =
    found === undefined
      ? problem
      : `the vector table is at ${hex32(found.address)}, behind other content; --leave starts the application there`;
  return { ...image, warnings: [...image.warnings, note] };
}

/** The image with what it has at an alias of the unit's flash moved to the flash's own address. */
export function unaliased(
  image: Image,
  descriptors: DeviceDescriptors,
  { chip, alt: alternate }: { readonly chip?: string; readonly alt?: number },
): Image {
  try {
    return atFlashAddress(image, { descriptors, chip, alternate });
  } catch (error) {
    // What is wrong with the unit the plan says, with a report.
    if (error instanceof DfuError && !error.code.startsWith("image.")) return image;
    throw error;
  }
}
