import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import { backUp } from "../backup/backup.ts";
import { drill } from "../backup/drill.ts";
import type { Manifest } from "../backup/manifest.ts";
import { restore } from "../backup/restore.ts";
import { openSource } from "../backup/source.ts";
import type { Config } from "../config/config.ts";
import { configuredBlobs } from "../storage/open.ts";
import type { ServerCommand } from "./arguments.ts";

/** A command that backs up or restores. */
export type BackupTask = Extract<ServerCommand, { name: "backup" | "restore" | "drill" }>;

const countOf = (n: number, thing: string) => `${n} ${thing}${n === 1 ? "" : "s"}`;
const imagesIn = ({ files }: Manifest) =>
  files.filter((file) => file.path.startsWith("images/")).length;
const hasKey = ({ files }: Manifest) => files.some((file) => file.path.startsWith("secrets/"));

function contentOf(manifest: Manifest): readonly string[] {
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const mb = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  return [
    `  ${countOf(rows, "row")} of ${countOf(manifest.tables.length, "table")} as of ${manifest.createdAt}, transcripts among them`,
    `  ${countOf(imagesIn(manifest), "image")}, ${mb.toFixed(1)} MB in all`,
    hasKey(manifest)
      ? "  the key that opens units' secrets: keep this back-up as safe as the server, or leave the key out (--without-key)"
      : "  without the key that opens units' secrets: secrets that wait have to be given again, unless the new server has that key",
    "  people and tokens with digests of their passwords and credentials",
  ];
}

/** Said aloud and with an exit code, because the rest is kept. */
function missingFrom({ missingImages }: Manifest): FlashlineError | undefined {
  if (missingImages.length === 0) return undefined;
  const message = `The back-up is there, without ${countOf(missingImages.length, "image")} that the server lacks or holds damaged.`;
  return new FlashlineError("backup.unusable", message, { details: missingImages });
}

async function takeBackup(
  config: Config,
  to: string,
  withKey: boolean,
  print: (line: string) => void,
): Promise<Manifest> {
  const source = await openSource(config);
  try {
    const manifest = await backUp(source, to, withKey && config.secretKey === undefined);
    print(`Backed up to ${to}:`);
    for (const line of contentOf(manifest)) print(line);
    return manifest;
  } finally {
    await source.close();
  }
}

async function restoreFrom(
  command: Extract<BackupTask, { name: "restore" }>,
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const { dataFolder, databaseUrl } = config;
  const { from, replace, skipNumbers } = command;
  const blobs =
    config.blobs === undefined
      ? undefined
      : (folder: string) => configuredBlobs({ ...config, dataFolder: folder });
  await blobs?.(dataFolder).ping();
  const done = await restore({ from, dataFolder, databaseUrl, blobs, replace, skipNumbers });
  const { manifest, setAside, leftOut } = done;
  const where = [
    dataFolder,
    ...(databaseUrl === undefined ? [] : ["the database of DATABASE_URL"]),
    ...(config.blobs === undefined ? [] : [config.blobs]),
  ];
  print(`Restored into ${where.join(" and ")}, from the back-up of ${manifest.hostname}:`);
  for (const line of contentOf(manifest)) print(line);
  if (setAside !== undefined) print(`What was there before is in ${setAside}.`);
  if (leftOut.length > 0)
    print(`Left out, because Flashline has no such table: ${leftOut.join(", ")}.`);
  print(`Not in it is what the server acknowledged after ${manifest.createdAt}:`);
  print("  results: look for units that are packed as passed and not known to this server");
  print("  stations that were enrolled later: enroll them again");
  if (skipNumbers > 0) print(`  numbers: each range was moved on by ${skipNumbers}`);
  else
    print(
      "  numbers that units got: they would be given again; --skip-numbers N leaves N of each range out",
    );
}

async function tryBackup(
  command: Extract<BackupTask, { name: "drill" }>,
  config: Config,
  log: Logger,
  print: (line: string) => void,
): Promise<void> {
  const scratch = command.in ?? tmpdir();
  const own = command.from === undefined ? await mkdtemp(path.join(scratch, "flashline-")) : "";
  try {
    const from = command.from ?? path.join(own, "backup");
    if (command.from === undefined) await takeBackup(config, from, true, print);
    const began = performance.now();
    const report = await drill(from, scratch, log);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    print(`Restored on trial in ${seconds} s, compared, started, and removed:`);
    print(
      `  ${countOf(report.rows, "row")} and ${countOf(report.images, "image")} are what they were`,
    );
    print(`  /readyz of the restored server: ${report.ready}`);
    if (report.leftOut.length > 0)
      print(`  not Flashline's, left out: ${report.leftOut.join(", ")}`);
    const missing = missingFrom(report.manifest);
    if (missing !== undefined) throw missing;
  } finally {
    if (own !== "") await rm(own, { recursive: true, force: true });
  }
}

/** Does one of these commands. Rejects with a FlashlineError whose message is for people. */
export async function runBackupTask(
  command: BackupTask,
  config: Config,
  log: Logger,
  print: (line: string) => void,
): Promise<void> {
  switch (command.name) {
    case "backup": {
      const manifest = await takeBackup(config, path.resolve(command.to), command.withKey, print);
      const missing = missingFrom(manifest);
      if (missing !== undefined) throw missing;
      return;
    }
    case "restore":
      return await restoreFrom(command, config, print);
    case "drill":
      return await tryBackup(command, config, log, print);
  }
}
