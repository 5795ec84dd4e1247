import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder, moveDurably } from "@flashline/durable-files";
import { type BlobStore, blobPath } from "./blobs.ts";
import { FOLDER_MODE, ignoreMissing, incomingIn, prepareIncoming, receive } from "./incoming.ts";

/** Blobs as files `folder/ab/ab12…`, on the same file system as their temporary files. Nothing is made before something is put. */
export function folderBlobs(folder: string): BlobStore {
  const incoming = incomingIn(folder);
  const fileOf = (sha256: string) => path.join(folder, blobPath(sha256));
  async function adopt(file: string, sha256: string): Promise<void> {
    await makeFolder(path.dirname(fileOf(sha256)), FOLDER_MODE);
    await moveDurably(file, fileOf(sha256));
  }
  return {
    place: folder,
    adopt,
    async put(bytes, limit) {
      await makeFolder(incoming, FOLDER_MODE);
      return await receive(incoming, bytes, limit, adopt);
    },
    async read(sha256) {
      const bytes = await readFile(fileOf(sha256)).catch(ignoreMissing);
      if (bytes === undefined) return "missing";
      return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : "damaged";
    },
    ping: () => access(folder),
  };
}

/** The same for a server that goes on to use it: what crashes left is forgotten. */
export async function openFolderBlobs(folder: string): Promise<BlobStore> {
  await prepareIncoming(incomingIn(folder));
  return folderBlobs(folder);
}
