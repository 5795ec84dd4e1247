import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { FlashlineError } from "@flashline/contract";
import { moveDurably, writeDurably } from "@flashline/durable-files";
import { patientConnection, SafeClient } from "../db/connection.ts";
import { connectionErrorFrom, databaseErrorFrom } from "../db/errors.ts";
import { type BlobStore, blobPath } from "../storage/blobs.ts";
import { KEY_FILE } from "../storage/vault.ts";
import { VERSION } from "../version.ts";
import { exportDatabase } from "./export.ts";
import { copyDigested, newFile, syncFolders } from "./files.ts";
import { type FileRecord, MANIFEST, type Manifest } from "./manifest.ts";
import { closePartial, openPartial } from "./partial.ts";

export interface BackupSource {
  /** Of the database, which runs. */
  readonly url: string;
  readonly embedded: boolean;
  /** Where the server's keys are. */
  readonly dataFolder: string;
  readonly blobs: Pick<BlobStore, "read">;
}

const PRIVATE_FOLDER = 0o700;

async function copyImages(
  digests: readonly string[],
  { blobs }: BackupSource,
  folder: string,
): Promise<{ readonly files: readonly FileRecord[]; readonly missing: readonly string[] }> {
  const files: FileRecord[] = [];
  const missing: string[] = [];
  for (const sha256 of digests) {
    const bytes = await blobs.read(sha256);
    if (typeof bytes === "string") {
      missing.push(sha256);
      continue;
    }
    const file = `images/${blobPath(sha256)}`;
    const to = path.join(folder, file);
    await mkdir(path.dirname(to), { recursive: true, mode: PRIVATE_FOLDER });
    await pipeline([bytes], newFile(to));
    files.push({ path: file, bytes: bytes.length, sha256 });
  }
  return { files, missing };
}

/** The key that seals units' secrets, where the server made it itself. */
async function copyKey(
  { dataFolder }: BackupSource,
  folder: string,
): Promise<readonly FileRecord[]> {
  const from = path.join(dataFolder, KEY_FILE);
  if (!existsSync(from)) return [];
  await mkdir(path.join(folder, "secrets"), { mode: PRIVATE_FOLDER });
  const file = `secrets/${path.basename(KEY_FILE)}`;
  return [{ path: file, ...(await copyDigested(from, path.join(folder, file))) }];
}

async function write(source: BackupSource, folder: string, withKey: boolean): Promise<Manifest> {
  await mkdir(path.join(folder, "database"), { mode: PRIVATE_FOLDER });
  const client = new SafeClient(patientConnection(source.url, "flashline-backup"));
  await client.connect().catch((cause: unknown) => {
    throw connectionErrorFrom(cause);
  });
  try {
    const { postgresVersion, images, files, ...exported } = await exportDatabase(client, folder);
    // After the database: images are only ever added.
    const copied = await copyImages(images, source, folder);
    const keys = withKey ? await copyKey(source, folder) : [];
    const manifest: Manifest = {
      flashlineBackup: 1,
      version: VERSION,
      hostname: hostname(),
      postgres: { version: postgresVersion, embedded: source.embedded },
      ...exported,
      missingImages: [...copied.missing],
      files: [...files, ...copied.files, ...keys],
    };
    await syncFolders(folder);
    await writeDurably(path.join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    return manifest;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function failureFrom(error: unknown, to: string): FlashlineError {
  const known = databaseErrorFrom(error);
  if (known.code === "server.disk_full") {
    const message = `There is no room for the back-up ${to}. Nothing of it was kept.`;
    return new FlashlineError("server.disk_full", message, { cause: error });
  }
  if (known.code !== "server.internal") return known;
  const reason = error instanceof Error ? error.message : String(error);
  return new FlashlineError("server.internal", `The back-up failed: ${reason}`, { cause: error });
}

/**
 * Backs a server up into the new folder `to`, also while it runs: the database as of one moment, the images that it knows, and
 * `withKey` the key that seals units' secrets. The folder appears whole or not at all; a process that is killed leaves
 * `TO.partial`, which the next one clears away. Rejects with `backup.target` where `to` exists or its parent does not, and with
 * `server.disk_full`.
 */
export async function backUp(
  source: BackupSource,
  to: string,
  withKey: boolean,
): Promise<Manifest> {
  if (existsSync(to)) throw new FlashlineError("backup.target", `${to} exists already.`);
  // Made here it might hide that a disk is not mounted.
  if (!existsSync(path.dirname(to))) {
    throw new FlashlineError("backup.target", `There is no folder ${path.dirname(to)}.`);
  }
  const partial = `${to}.partial`;
  const discard = (folder: string) => rm(folder, { recursive: true, force: true });
  await openPartial(partial, PRIVATE_FOLDER, discard);
  try {
    const manifest = await write(source, partial, withKey);
    await closePartial(partial);
    await moveDurably(partial, to);
    return manifest;
  } catch (error) {
    await discard(partial);
    throw failureFrom(error, to);
  }
}
