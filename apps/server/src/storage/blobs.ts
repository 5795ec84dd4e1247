import { FlashlineError } from "@flashline/contract";

/** Why a store does not give the bytes: it has none, or what it has does not have their digest. */
export type Lack = "missing" | "damaged";

/**
 * Bytes kept under their own SHA-256; what is there never changes. The same in a folder and in S3. Where the store is away a call
 * rejects with {@link BlobsUnavailable} within 10 seconds.
 */
export interface BlobStore {
  /** Where the bytes are, for people: "FLASHLINE_DATA/images", "s3://bucket/prefix". */
  readonly place: string;
  /**
   * Hashes what comes in; it is kept whole or not at all. Bytes that are there already are written again, which mends damage.
   * Rejects with `request.too_large` past `limit` bytes.
   */
  put(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<{ sha256: string; size: number }>;
  /** Takes a whole file beside the server's images, whose digest the caller has worked out. The file is gone afterwards. */
  adopt(file: string, sha256: string): Promise<void>;
  /** The bytes, held against their digest. */
  read(sha256: string): Promise<Buffer | Lack>;
  /** Rejects while the store is away, or refuses this server. */
  ping(): Promise<void>;
}

/** The store is away, refuses this server, or lacks bytes that it should have. All may be otherwise a moment later. */
export class BlobsUnavailable extends FlashlineError {
  /** True when the store did not answer. */
  readonly away: boolean;

  constructor(
    message: string,
    options: ErrorOptions & { away?: boolean; parameters?: { sha256: string } } = {},
  ) {
    super("server.unavailable", message, options);
    this.away = options.away ?? false;
  }
}

/** Where a blob is in its store: "ab/ab12…". */
export const blobPath = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256}`;

/** The size of a blob that is there whole, bytes; undefined for one that is missing or damaged, which may be put again. */
export async function wholeSize(store: BlobStore, sha256: string): Promise<number | undefined> {
  const found = await store.read(sha256);
  return typeof found === "string" ? undefined : found.length;
}

/**
 * An image that the database knows. Rejects with {@link BlobsUnavailable} where the store lacks it: another replica may have taken it
 * and they share no folder, or the folder is not there yet. So nothing is refused for good because of it.
 */
export async function imageBytes(store: BlobStore, sha256: string): Promise<Buffer> {
  const found = await store.read(sha256);
  if (typeof found !== "string") return found;
  const message =
    found === "missing"
      ? `Image ${sha256} was uploaded, but ${store.place} lacks it. Replicas must share their images; where they do, upload it again.`
      : `Image ${sha256} is damaged in ${store.place}: upload it again.`;
  throw new BlobsUnavailable(message, { parameters: { sha256 } });
}
