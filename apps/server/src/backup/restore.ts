import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { syncFolder, writeDurably } from "@flashline/durable-files";
import { startEmbedded } from "../db/embedded/cluster.ts";
import { isClusterRunning, removeDataFolder } from "../db/embedded/left-over.ts";
import { migrate } from "../db/migrate.ts";
import type { BlobStore } from "../storage/blobs.ts";
import { bytesOf } from "../storage/incoming.ts";
import { checkBackup } from "./check.ts";
import { copyDigested, syncFolders } from "./files.ts";
import { loadDatabase } from "./load.ts";
import type { Manifest } from "./manifest.ts";
import { closePartial, openPartial } from "./partial.ts";
import { RESTORED, type Restored } from "./restored.ts";

export interface RestoreOptions {
  /** Folder of the back-up. */
  readonly from: string;
  /** Where the server's data will be. */
  readonly dataFolder: string;
  /** An empty database; undefined for the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Where images go that do not go into the data folder: into S3. They are there before the database is seen. */
  readonly blobs?: ((dataFolder: string) => Pick<BlobStore, "put">) | undefined;
  /** Sets a data folder that is not empty aside, under another name. */
  readonly replace: boolean;
  /** See {@link LoadOptions.skipNumbers}. */
  readonly skipNumbers: number;
}

export interface Restoration {
  readonly manifest: Manifest;
  /** Where the data folder went that was there before. */
  readonly setAside: string | undefined;
  /** Tables of the back-up that are not Flashline's. */
  readonly leftOut: readonly string[];
}

/** The umask says who may look in; PostgreSQL's account must pass through. */
const FOLDER_MODE = 0o777;

const refuse = (message: string) => new FlashlineError("backup.target", message);

const namesIn = (folder: string): Promise<readonly string[]> =>
  existsSync(folder) ? readdir(folder) : Promise.resolve([]);

/** Rejects with `backup.target` when the folder may not be replaced by another one. */
async function checkTarget({ dataFolder, replace }: RestoreOptions): Promise<void> {
  const parent = path.dirname(dataFolder);
  if (!existsSync(parent)) throw refuse(`There is no folder ${parent}.`);
  if (!existsSync(dataFolder)) return;
  const [own, above] = await Promise.all([stat(dataFolder), stat(parent)]);
  if (!own.isDirectory()) throw refuse(`${dataFolder} is no folder.`);
  if (own.dev !== above.dev) {
    throw refuse(
      `${dataFolder} is a mount point, which cannot be replaced. Restore into a folder in it, and name that in FLASHLINE_DATA.`,
    );
  }
  if ((await namesIn(dataFolder)).length === 0) return;
  if (!replace) {
    throw refuse(
      `${dataFolder} is not empty. Nothing was changed. Restore into a new folder, or set this one aside with --replace.`,
    );
  }
  if (isClusterRunning(dataFolder)) {
    throw refuse(`The server of ${dataFolder} runs. Stop it first.`);
  }
}

const changed = (file: string) =>
  new FlashlineError("backup.unusable", `${file} changed while it was read.`);

async function copyFiles(
  manifest: Manifest,
  { from, blobs }: RestoreOptions,
  to: string,
): Promise<void> {
  const store = blobs?.(to);
  for (const { path: file, bytes, sha256 } of manifest.files) {
    if (file.startsWith("database/")) continue;
    if (store !== undefined && file.startsWith("images/")) {
      const put = await store.put(bytesOf(path.join(from, file)), bytes);
      if (put.sha256 !== sha256) throw changed(file);
      continue;
    }
    const target = path.join(to, file);
    const mode = file.startsWith("secrets/") ? 0o700 : FOLDER_MODE;
    await mkdir(path.dirname(target), { recursive: true, mode });
    const copied = await copyDigested(path.join(from, file), target);
    if (copied.sha256 === sha256) continue;
    throw changed(file);
  }
}

async function note(options: RestoreOptions, manifest: Manifest, folder: string): Promise<void> {
  const restored: Restored = {
    from: path.resolve(options.from),
    hostname: manifest.hostname,
    backedUpAt: manifest.createdAt,
    version: manifest.version,
    restoredAt: new Date().toISOString(),
    skippedNumbers: options.skipNumbers,
  };
  await writeDurably(path.join(folder, RESTORED), `${JSON.stringify(restored, null, 1)}\n`);
}

/** Gives the finished folder its name. Answers where the one before went. */
async function takePlace(partial: string, dataFolder: string): Promise<string | undefined> {
  await closePartial(partial);
  await syncFolders(partial);
  let setAside: string | undefined;
  if (existsSync(dataFolder)) {
    if ((await namesIn(dataFolder)).length === 0) await rmdir(dataFolder);
    else {
      setAside = `${dataFolder}.before-${new Date().toISOString().replace(/[:.]/g, "-")}`;
      await rename(dataFolder, setAside);
    }
  }
  await rename(partial, dataFolder);
  await syncFolder(path.dirname(dataFolder));
  return setAside;
}

/** Into the embedded PostgreSQL: the cluster is filled and stopped before its folder gets its name. */
async function restoreEmbedded(
  options: RestoreOptions,
  manifest: Manifest,
  partial: string,
): Promise<Restoration> {
  const { from: folder, skipNumbers } = options;
  const cluster = await startEmbedded({ data: partial });
  let leftOut: readonly string[];
  try {
    leftOut = await loadDatabase(cluster.url, { folder, manifest, skipNumbers });
    await migrate(cluster.url);
  } finally {
    await cluster.stop();
  }
  return { manifest, leftOut, setAside: await takePlace(partial, options.dataFolder) };
}

/** Into a database that somebody else runs: the folder gets its name right before the rows are seen. */
async function restoreNamed(
  options: RestoreOptions & { readonly databaseUrl: string },
  manifest: Manifest,
  partial: string,
): Promise<Restoration> {
  const { from: folder, skipNumbers, databaseUrl, dataFolder } = options;
  let setAside: string | undefined;
  const beforeCommit = async () => {
    setAside = await takePlace(partial, dataFolder);
  };
  const load = { folder, manifest, skipNumbers, beforeCommit };
  const leftOut = await loadDatabase(databaseUrl, load);
  await migrate(databaseUrl);
  return { manifest, leftOut, setAside };
}

/**
 * Makes a server's data from a back-up. The whole back-up is checked before anything is written; what is written has another name
 * until it is whole, so that a process that is killed leaves `DATA.restoring` and no data folder. Rejects with `backup.unusable`
 * and `backup.target`.
 */
export async function restore(options: RestoreOptions): Promise<Restoration> {
  const { dataFolder, databaseUrl } = options;
  await checkTarget(options);
  const manifest = await checkBackup(options.from);
  const partial = `${dataFolder}.restoring`;
  await openPartial(partial, FOLDER_MODE, removeDataFolder);
  try {
    await copyFiles(manifest, options, partial);
    await note(options, manifest, partial);
    return databaseUrl === undefined
      ? await restoreEmbedded(options, manifest, partial)
      : await restoreNamed({ ...options, databaseUrl }, manifest, partial);
  } catch (error) {
    await removeDataFolder(partial);
    throw error;
  }
}
