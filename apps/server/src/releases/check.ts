import { createHash } from "node:crypto";
import { type Code, FlashlineError, type Manifest, readingOf } from "@flashline/contract";
import {
  checkImages,
  checkInFlash,
  DfuError,
  type NamedImage,
  partNamed,
} from "@flashline/dfu-core";
import { type Image, type ParseImageOptions, parseImage } from "@flashline/dfu-core/image";
import type { Part } from "@flashline/dfu-core/parts";
import { ST_DFU_PRODUCT_ID, ST_VENDOR_ID } from "@flashline/dfu-core/protocol";

export interface CheckInput {
  readonly manifest: Manifest;
  /** Chip of the product, as its engineers wrote it. */
  readonly productChip: string;
  readonly boardRevisions: readonly string[];
  /** Bytes of an image. Rejects with another error than a finding when they are not here now. */
  readonly read: (sha256: string) => Promise<Uint8Array>;
}
export interface CheckedImage {
  readonly sha256: string;
  readonly format: string;
}

const refuse = (code: Code, message: string): FlashlineError => new FlashlineError(code, message);

/** Stations take units with the ids of ST's bootloader. An image for other ids could not be flashed at any station. */
const deviceIds = { vendorId: ST_VENDOR_ID, productId: ST_DFU_PRODUCT_ID };

const refusalFrom = (cause: unknown, subject: string): unknown =>
  cause instanceof DfuError
    ? new FlashlineError(cause.code, `${subject}: ${cause.message}`, { cause })
    : cause;

function parsed(
  bytes: Uint8Array,
  reading: ParseImageOptions & { readonly name: string },
  part: Part,
): Image {
  try {
    const image = parseImage(bytes, { ...reading, deviceIds });
    checkInFlash(image, part);
    return image;
  } catch (cause) {
    throw refusalFrom(cause, reading.name);
  }
}

/** What all images are together, refused in the server's words. */
function checkTogether(
  images: readonly NamedImage[],
  { recipe, version, chip }: Manifest,
  part: Part,
): void {
  try {
    checkImages(images, recipe, { part, chip });
  } catch (cause) {
    throw refusalFrom(cause, version);
  }
}

/**
 * Holds what a manifest promises against the part table and the bytes. Returns the formats of the images. Throws the first
 * problem, with its code.
 */
export async function checkRelease(input: CheckInput): Promise<readonly CheckedImage[]> {
  const { manifest } = input;
  const part = partNamed(manifest.chip);
  if (part === undefined) {
    throw refuse("release.chip_unknown", `The part table has no chip ${manifest.chip}.`);
  }
  const productPart = partNamed(input.productChip);
  if (productPart !== undefined && productPart !== part) {
    throw refuse(
      "release.manifest_invalid",
      `The manifest is for ${manifest.chip}, the product has ${input.productChip}.`,
    );
  }
  const unknown = manifest.boardRevisions.filter((name) => !input.boardRevisions.includes(name));
  if (input.boardRevisions.length > 0 && unknown.length > 0) {
    throw refuse(
      "release.manifest_invalid",
      `The product has no board revision ${unknown.join(", ")}.`,
    );
  }
  const checked: CheckedImage[] = [];
  const images: NamedImage[] = [];
  for (const entry of manifest.images) {
    const bytes = await input.read(entry.sha256);
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== entry.sha256 || bytes.length !== entry.size) {
      throw refuse(
        "release.image_digest",
        `${entry.name}: signed ${entry.sha256} with ${entry.size} bytes, stored ${digest} with ${bytes.length}.`,
      );
    }
    const image = parsed(bytes, readingOf(entry, manifest.recipe), part);
    if (image.format !== "raw" && entry.address !== undefined) {
      throw refuse(
        "release.manifest_invalid",
        `${entry.name} carries its own addresses (${image.format}), and the manifest gives one too.`,
      );
    }
    images.push({ name: entry.name, image });
    checked.push({ sha256: entry.sha256, format: image.format });
  }
  checkTogether(images, manifest, part);
  return checked;
}
