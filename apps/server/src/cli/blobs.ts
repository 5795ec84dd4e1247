import { FlashlineError } from "@flashline/contract";
import { openSource } from "../backup/source.ts";
import type { Config } from "../config/config.ts";
import { patientConnection, SafeClient } from "../db/connection.ts";
import { connectionErrorFrom } from "../db/errors.ts";
import { copyBlobs } from "../storage/copy.ts";
import { blobsAt } from "../storage/open.ts";
import type { ServerCommand } from "./arguments.ts";

/** Digests of all images that the database knows. Nothing is migrated. */
async function knownImages(url: string): Promise<readonly string[]> {
  const client = new SafeClient(patientConnection(url, "flashline-blobs"));
  await client.connect().catch((cause: unknown) => {
    throw connectionErrorFrom(cause);
  });
  try {
    const { rows } = await client.query<{ sha256: string }>("SELECT sha256 FROM image ORDER BY 1");
    return rows.map(({ sha256 }) => sha256);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `blobs copy`. Rejects with `backup.unusable`, each digest in `details`, when images are in neither store. */
export async function copyImages(
  command: Extract<ServerCommand, { name: "blobs copy" }>,
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const to = blobsAt(command.to, config);
  const source = await openSource(config);
  try {
    const from = command.from === undefined ? source.blobs : blobsAt(command.from, config);
    await from.ping();
    if (command.to.startsWith("s3://")) await to.ping();
    const report = await copyBlobs(await knownImages(source.url), from, to);
    const mb = (report.bytes / 1e6).toFixed(1);
    print(`Copied ${report.copied} images (${mb} MB) from ${from.place} to ${to.place}.`);
    print(`${report.there} were there already. All that are there were read and are whole.`);
    if (report.lost.length === 0) return;
    const message = `${report.lost.length} images are not in ${to.place}: ${from.place} lacks them or holds them damaged.`;
    throw new FlashlineError("backup.unusable", message, { details: report.lost });
  } finally {
    await source.close();
  }
}
