import { constants } from "node:fs";
import { access, readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably, replaceFile } from "@flashline/durable-files";
import type { Config } from "../config.ts";
import { sha256Of } from "../jobs/image-cache.ts";
import { journalPath } from "../journal/file.ts";
import { foldEntries, isOpen, isUndelivered } from "../journal/fold.ts";
import { decodeJournal } from "../journal/line.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const ENOUGH_FREE_BYTES = 100 * 1024 * 1024;

/** Can the journal be made durable here? Writes and removes one small file. */
export async function examineFolder(dataDir: string): Promise<Finding> {
  try {
    const probe = join(dataDir, `.doctor-${process.pid}`);
    await replaceFile(probe, "x", 0o600);
    await removeDurably(probe);
    const { bavail, bsize } = await statfs(dataDir);
    const megabytes = Math.floor((bavail * bsize) / 1024 / 1024);
    if (bavail * bsize < ENOUGH_FREE_BYTES) {
      return fail("data folder", `${dataDir} has only ${megabytes} MB free. Make room.`);
    }
    return ok("data folder", `${dataDir} can be written, ${megabytes} MB free.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail("data folder", `${dataDir} cannot be written: ${reason}.`);
  }
}

/** Reads the journal without opening it for writing: the agent may run. */
export async function examineJournal(dataDir: string): Promise<Finding> {
  const path = journalPath(dataDir);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return ok("journal", "Empty: nothing was flashed here yet.");
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return fail("journal", `${path} belongs to somebody else and cannot be written.`);
  const { entries, damaged } = decodeJournal(bytes);
  if (damaged > 0) return warn("journal", `${damaged} damaged lines in ${path}. Check the disk.`);
  const attempts = [...foldEntries(entries).values()];
  const waiting = attempts.filter(isUndelivered).length;
  const open = attempts.filter(isOpen).length;
  return ok("journal", `Sound; ${waiting} results wait for the server, ${open} attempts are open.`);
}

export async function examineAside(dataDir: string): Promise<Finding> {
  const names = await readdir(join(dataDir, "aside")).catch(() => []);
  if (names.length === 0) return ok("set aside", "No result was refused by the server.");
  return warn(
    "set aside",
    `${names.length} results were refused and lie in ${join(dataDir, "aside")}, each with the server's reason. When that is mended: flashline-agent resend.`,
  );
}

export async function examineCache({ dataDir, cacheBytes }: Config): Promise<Finding> {
  const folder = join(dataDir, "images");
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith("."));
  let size = 0;
  const wrong: string[] = [];
  for (const name of names) {
    size += (await stat(join(folder, name))).size;
    if (sha256Of(await readFile(join(folder, name))) !== name) wrong.push(name);
  }
  if (wrong.length > 0) {
    return warn(
      "cache",
      `${wrong.length} images were changed on disk; they will be fetched again.`,
    );
  }
  const megabyte = 1024 * 1024;
  const sizes = `${(size / megabyte).toFixed(1)} of ${Math.round(cacheBytes / megabyte)} MB`;
  return ok("cache", `${names.length} images, ${sizes}.`);
}
