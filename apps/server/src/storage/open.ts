import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import type { Config } from "../config/config.ts";
import { type BlobStore, BlobsUnavailable } from "./blobs.ts";
import { folderBlobs } from "./folder.ts";
import { incomingIn, prepareIncoming } from "./incoming.ts";
import { s3Blobs } from "./s3/blobs.ts";
import { s3Place } from "./s3/place.ts";

/** Of the configuration: where images are. */
export type BlobsConfig = Pick<Config, "blobs" | "s3" | "dataFolder">;

/** Where images come in, and are where they are kept in a folder. */
export const imagesIn = ({ dataFolder }: BlobsConfig): string => path.join(dataFolder, "images");

/** The store at `address`: "s3://bucket/prefix", or a folder. */
export function blobsAt(address: string, config: BlobsConfig): BlobStore {
  return address.startsWith("s3://")
    ? s3Blobs(s3Place(address, config.s3), incomingIn(imagesIn(config)))
    : folderBlobs(path.resolve(address));
}

/** The store that the configuration names. Nothing is made, and nobody is asked. */
export const configuredBlobs = (config: BlobsConfig): BlobStore =>
  blobsAt(config.blobs ?? imagesIn(config), config);

/** Rejects with `config.invalid` when the store refuses this server; one that is away is told to `onAway`. */
async function mustAccept(
  store: BlobStore,
  onAway: (error: BlobsUnavailable) => void,
): Promise<void> {
  await store.ping().catch((error: unknown) => {
    if (!(error instanceof BlobsUnavailable)) throw error;
    if (error.away) onAway(error);
    else throw new FlashlineError("config.invalid", error.message, { cause: error });
  });
}

/** The same store, opened by a server that goes on to use it. See {@link mustAccept}: a start waits for no store. */
export async function openBlobs(
  config: BlobsConfig,
  onAway: (error: BlobsUnavailable) => void,
): Promise<BlobStore> {
  // With S3 too: uploads come in there.
  await prepareIncoming(incomingIn(imagesIn(config)));
  const store = configuredBlobs(config);
  await mustAccept(store, onAway);
  return store;
}
