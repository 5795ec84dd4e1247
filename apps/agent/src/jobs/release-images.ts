import { FlashlineError, type Manifest, readingOf } from "@flashline/contract";
import { type Image, mergeImages, parseImage } from "@flashline/dfu-core";
import { formatOfName } from "@flashline/dfu-core/image";
import type { AttachedUnit } from "@flashline/usb-host";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import { type ImageCache, sha256Of } from "./image-cache.ts";

export interface ImageSource {
  readonly cache: ImageCache;
  readonly link: Pick<ServerLink, "image">;
  readonly log: Logger;
  /** A file that is made for other USB ids is refused. */
  readonly unit: Pick<AttachedUnit, "vendorId" | "productId">;
}

/**
 * The release's images from the cache or the server, each with the digest and size that the manifest signs.
 * @throws FlashlineError `release.image_digest`, `agent.image_unavailable`; DfuError `image.*`.
 */
export async function loadImages(
  manifest: Pick<Manifest, "images" | "recipe">,
  source: ImageSource,
  signal?: AbortSignal,
): Promise<Image> {
  const images: Image[] = [];
  const { vendorId, productId } = source.unit;
  const deviceIds = { vendorId, productId };
  for (const entry of manifest.images) {
    const { sha256, size } = entry;
    const bytes =
      (await source.cache.get(sha256)) ?? (await download(sha256, size, source, signal));
    if (bytes.length !== size) {
      throw new FlashlineError(
        "release.image_digest",
        `Image ${sha256} has ${bytes.length} bytes, the manifest says ${size}.`,
      );
    }
    const reading = readingOf(entry, manifest.recipe);
    images.push(parseImage(bytes, { ...reading, name: readingName(entry), deviceIds }));
  }
  return mergeImages(images);
}

/**
 * An image with an address was raw when it was signed. In a release from before names had a meaning its name may end in anything that
 * promises no other format, such as `.rom`; what the content is not allowed to be holds all the same.
 */
const readingName = ({ name, address }: Manifest["images"][number]): string =>
  address !== undefined && formatOfName(name) === undefined ? "" : name;

/**
 * Puts an image into the cache, where it is not yet.
 * @throws FlashlineError `release.image_digest`, `agent.image_unavailable`.
 */
export async function fetchImage(
  { sha256, size }: Pick<Manifest["images"][number], "sha256" | "size">,
  source: Omit<ImageSource, "unit">,
  signal?: AbortSignal,
): Promise<void> {
  if ((await source.cache.get(sha256)) === undefined) await download(sha256, size, source, signal);
}

async function download(
  sha256: string,
  size: number,
  { cache, link, log }: Omit<ImageSource, "unit">,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await link.image(sha256, size, signal).catch((cause: unknown) => {
    if (cause instanceof FlashlineError && cause.code !== "agent.offline") throw cause;
    throw new FlashlineError("agent.image_unavailable", `Image ${sha256} cannot be fetched.`, {
      cause,
    });
  });
  const got = sha256Of(bytes);
  if (got !== sha256) {
    throw new FlashlineError("release.image_digest", `Image ${sha256} arrived as ${got}.`);
  }
  // The bytes are checked already. If the disk is full, the next job downloads them again.
  await cache.put(sha256, bytes).catch((err: unknown) => {
    log.warn({ err, sha256, step: "image-cache" }, "the image is not kept here");
  });
  return bytes;
}
