import { z } from "zod";
import { Sha256 } from "./common.ts";

/** The largest image that is taken, bytes. The largest STM32 flash is 4 MiB; formats with text need about three bytes for one. */
export const LARGEST_IMAGE = 16 * 1024 * 1024;
/** The largest part of an upload in parts, bytes: a request that carries more is refused. */
export const LARGEST_PART = 4 * 1024 * 1024;
/** An upload in parts that nobody goes on with is forgotten after so long, hours. */
export const UPLOAD_HOURS = 24;

const Size = z.coerce.number().int().positive().max(LARGEST_IMAGE);

/** Which upload: the image's digest is in the path, its whole size in bytes here. */
export const UploadQuery = z.object({ size: Size });
/** Where the part begins: exactly where the upload stands. */
export const PartQuery = UploadQuery.extend({
  offset: z.coerce.number().int().nonnegative().max(LARGEST_IMAGE),
});

/** How far an upload is. */
export const UploadView = z.object({
  sha256: Sha256,
  size: z.number().int(),
  /** So many bytes are here: the next part begins there. */
  offset: z.number().int(),
  /** The image is here whole, under its digest: nothing is to be sent. */
  complete: z.boolean(),
  /** An upload that nobody goes on with until then is forgotten; null where nothing is here, and where it is complete. */
  expiresAt: z.string().nullable(),
});
export type UploadView = z.infer<typeof UploadView>;
