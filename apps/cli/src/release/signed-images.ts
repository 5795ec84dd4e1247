import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { LARGEST_IMAGE, LARGEST_MANIFEST, type Manifest, readingOf } from "@flashline/contract";
import {
  checkImages,
  checkInFlash,
  DfuError,
  type Image,
  type NamedImage,
  type ParseImageOptions,
  partNamed,
} from "@flashline/dfu-core";
import { ST_DFU_PRODUCT_ID, ST_VENDOR_ID } from "@flashline/dfu-core/protocol";
import { unknownChip } from "../chip-name.ts";
import { defined } from "../defined.ts";
import { type FileOptions, parseNamed, readingOptions } from "../image/parse-file.ts";
import { Refusal } from "../refusal.ts";

/** A file that a release is made of, as it was when it was read. */
export interface ImageSource {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Stations take units with these ids. */
const deviceIds = { vendorId: ST_VENDOR_ID, productId: ST_DFU_PRODUCT_ID };

export async function readSource(file: string): Promise<ImageSource> {
  const bytes = await readFile(file);
  return { file, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const BESIDE_FLASH =
  'Make a file of what is for the flash: "flashline image convert FILE OUTPUT --only FROM-TO", or --rebase ADDRESS to move it.';

function refusedFor<T>(file: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof DfuError || error instanceof Refusal)) throw error;
    const { code, message } = error;
    const own = error instanceof Refusal ? error.hint : undefined;
    const hint = code === "image.does_not_fit" ? BESIDE_FLASH : own;
    throw new Refusal(code, `${file}: ${message}`, { cause: error, ...defined({ hint }) });
  }
}

const read = (
  { file, bytes }: ImageSource,
  reading: ParseImageOptions & { readonly name: string },
): Image => refusedFor(file, () => parseNamed(bytes, { ...reading, deviceIds }));

/** How the manifest names a file. A file that cannot be read as an image is refused here, not at the first unit. */
export function entryOf(source: ImageSource, options: FileOptions) {
  const { file, bytes, sha256 } = source;
  const name = basename(file);
  const image = read(source, readingOptions(name, options));
  return {
    name,
    sha256,
    size: bytes.length,
    ...(image.format === "raw" ? { address: image.segments[0]?.address ?? 0 } : {}),
  };
}

/**
 * Refuses what the server would refuse for what the manifest and its images are, by the same rules: an image that is no firmware, is for other
 * units, has another size than the manifest says or more than the server takes, has content beside the chip's flash, overlaps another one, or
 * whose vector table does not fit; a recipe that no unit of the chip can meet; a chip that is not in the part table. What only the server knows
 * it refuses itself: its keys, products, versions and counters. Returns what is odd. Of a manifest that was written elsewhere only the files that
 * were given can be looked at.
 */
export function checkSources(
  manifest: Manifest,
  bytes: Uint8Array,
  sources: readonly ImageSource[],
): string[] {
  if (bytes.length > LARGEST_MANIFEST)
    throw new Refusal(
      "release.manifest_invalid",
      `The manifest has ${bytes.length} bytes; the server takes ${LARGEST_MANIFEST}.`,
    );
  const stranger = sources.find(
    ({ sha256 }) => !manifest.images.some((entry) => entry.sha256 === sha256),
  );
  if (stranger !== undefined)
    throw new Refusal("usage.argument", `The manifest does not name ${stranger.file}.`);
  const part = partNamed(manifest.chip);
  if (part === undefined) throw new Refusal("release.chip_unknown", unknownChip(manifest.chip));
  const notes = serialNotes(manifest);
  const images: NamedImage[] = [];
  for (const entry of manifest.images) {
    const source = sources.find(({ sha256 }) => sha256 === entry.sha256);
    if (source === undefined) {
      notes.push(`${entry.name} was not given and not looked at; the server does that`);
      continue;
    }
    mustBeAsSaid(source, entry);
    const image = read(source, readingOf(entry, manifest.recipe));
    if (image.format !== "raw" && entry.address !== undefined)
      throw new Refusal(
        "release.manifest_invalid",
        `${source.file} carries its own addresses (${image.format}), and the manifest gives one too.`,
      );
    refusedFor(source.file, () => checkInFlash(image, part));
    notes.push(...image.warnings.map((warning) => `${entry.name}: ${warning}`));
    images.push({ name: entry.name, image });
  }
  if (images.length === manifest.images.length) {
    checkImages(images, manifest.recipe, { part, chip: manifest.chip });
  }
  return notes;
}

/** A unit that was just given the scanned serial shows it, whoever's label was scanned. */
function serialNotes({ recipe }: Manifest): string[] {
  const isWritten = recipe.patch?.fields.some(
    (field) => field.kind !== "crc32" && field.value?.from === "serial",
  );
  return isWritten === true && recipe.expectAfterLeave?.serial !== undefined
    ? [
        "the release writes the serial itself: if that is what the application shows, units that were swapped are not found",
      ]
    : [];
}

function mustBeAsSaid(
  { file, bytes }: ImageSource,
  { size }: Pick<Manifest["images"][number], "size">,
): void {
  if (bytes.length > LARGEST_IMAGE)
    throw new Refusal(
      "request.too_large",
      `${file} has ${bytes.length} bytes; the server takes ${LARGEST_IMAGE}.`,
    );
  if (bytes.length !== size)
    throw new Refusal(
      "release.image_digest",
      `${file} has ${bytes.length} bytes; the manifest says ${size}.`,
    );
}
