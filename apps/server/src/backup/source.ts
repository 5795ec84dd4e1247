import { FlashlineError } from "@flashline/contract";
import type { Config } from "../config/config.ts";
import { startEmbedded } from "../db/embedded/cluster.ts";
import { existingCluster } from "../db/embedded/folder.ts";
import type { BlobStore } from "../storage/blobs.ts";
import { configuredBlobs } from "../storage/open.ts";
import type { BackupSource } from "./backup.ts";

/**
 * The server that the configuration names, to be backed up: its embedded PostgreSQL is joined or started. Nothing is migrated, so
 * that the next version can back up before it changes anything. Rejects with `backup.target` where there is no server's data.
 */
export async function openSource(
  config: Config,
): Promise<BackupSource & { readonly blobs: BlobStore; close(): Promise<void> }> {
  const { dataFolder, databaseUrl } = config;
  const blobs = configuredBlobs(config);
  if (databaseUrl !== undefined) {
    return { url: databaseUrl, embedded: false, dataFolder, blobs, close: () => Promise.resolve() };
  }
  if (existingCluster(dataFolder) === undefined) {
    const message = `There is no server's database in ${dataFolder}: name the folder with --data, or set FLASHLINE_DATA or DATABASE_URL.`;
    throw new FlashlineError("backup.target", message);
  }
  const cluster = await startEmbedded({ data: dataFolder, port: config.postgresPort });
  return { url: cluster.url, embedded: true, dataFolder, blobs, close: () => cluster.stop() };
}
