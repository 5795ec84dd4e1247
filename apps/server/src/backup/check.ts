import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { MIGRATIONS, readMigration } from "../db/migrate.ts";
import { digestOf } from "./files.ts";
import { MANIFEST, Manifest } from "./manifest.ts";

const unusable = (message: string, details?: readonly string[], cause?: unknown) =>
  new FlashlineError("backup.unusable", message, { details, cause });

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, MANIFEST), "utf8").catch((cause: unknown) => {
    const what = `${folder} is no back-up, or one that was not finished: it has no ${MANIFEST} that can be read.`;
    throw unusable(what, undefined, cause);
  });
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (cause) {
    const what = `${path.join(folder, MANIFEST)} is damaged, or of another version of Flashline.`;
    throw unusable(what, undefined, cause);
  }
}

/** Why this version cannot read the schema; nothing where it can. */
async function schemaProblems({ migrations, version }: Manifest): Promise<readonly string[]> {
  const known = new Set(await readdir(MIGRATIONS));
  const problems: string[] = [];
  for (const { name, checksum } of migrations) {
    if (!known.has(name)) problems.push(`Flashline ${version} is newer: it has migration ${name}`);
    else {
      const here = await readMigration(MIGRATIONS, name);
      if (here.checksum !== checksum) problems.push(`migration ${name} is another one here`);
    }
  }
  return problems;
}

/** What is wrong with the files; nothing where each is as it was written. */
async function fileProblems({ files, tables }: Manifest, folder: string) {
  const problems: string[] = [];
  for (const { path: name, bytes, sha256 } of files) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) problems.push(`${name} is missing`);
    else if (found.size !== bytes) problems.push(`${name} has ${found.size} of ${bytes} bytes`);
    else if ((await digestOf(file)).sha256 !== sha256) problems.push(`${name} is damaged`);
  }
  const listed = new Set(files.map((file) => file.path));
  for (const table of tables) {
    if (!listed.has(table.path)) problems.push(`${table.path} is not listed`);
  }
  return problems;
}

/** Reads a back-up whole and writes nothing. Rejects with `backup.unusable`, each problem in `details`. */
export async function checkBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const schema = await schemaProblems(manifest);
  if (schema.length > 0) {
    throw unusable(`The back-up ${folder} needs another version of Flashline.`, schema);
  }
  const problems = await fileProblems(manifest, folder);
  if (problems.length > 0) {
    throw unusable(`The back-up ${folder} is not whole. Nothing was written.`, problems);
  }
  return manifest;
}
