import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Manifest, readingOf } from "@flashline/contract";
import { DfuError, type Image, type ParseImageOptions, parseImage } from "@flashline/dfu-core";
import { checkVectorTables } from "@flashline/dfu-core/image";
import { ST_DFU_PRODUCT_ID, ST_VENDOR_ID } from "@flashline/dfu-core/protocol";
import { type FileOptions, readingOptions } from "../image/parse-file.ts";
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

function read({ file, bytes }: ImageSource, reading: ParseImageOptions): Image {
  try {
    return parseImage(bytes, { ...reading, deviceIds });
  } catch (error) {
    if (!(error instanceof DfuError)) throw error;
    throw new Refusal(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

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
 * Refuses what the server would refuse later: an image that is no firmware, is for other units, or whose vector table does
 * not fit. Returns what is odd. Of a manifest that was written elsewhere only the files that were given can be looked at.
 */
export function checkSources(manifest: Manifest, sources: readonly ImageSource[]): string[] {
  const stranger = sources.find(
    ({ sha256 }) => !manifest.images.some((entry) => entry.sha256 === sha256),
  );
  if (stranger !== undefined)
    throw new Refusal("usage.argument", `The manifest does not name ${stranger.file}.`);
  const notes: string[] = [];
  const images: Image[] = [];
  for (const entry of manifest.images) {
    const source = sources.find(({ sha256 }) => sha256 === entry.sha256);
    if (source === undefined) {
      notes.push(`${entry.name} was not given and not looked at; the server does that`);
      continue;
    }
    const image = read(source, readingOf(entry, manifest.recipe));
    notes.push(...image.warnings.map((warning) => `${entry.name}: ${warning}`));
    images.push(image);
  }
  if (images.length === manifest.images.length) {
    checkVectorTables(images, manifest.recipe.vectorTable);
  }
  return notes;
}
