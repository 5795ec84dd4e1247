import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { FlashlineError, type UpdateManifest } from "@flashline/contract";
import { moveDurably, syncFolder } from "@flashline/durable-files";
import { outOfSpace } from "./fetch-bundle.ts";
import { BLOCK, readHeader } from "./tar.ts";

const invalid = (what: string): FlashlineError =>
  new FlashlineError("update.archive_invalid", what);

/** Takes what comes piece by piece. */
class Blocks {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.of();

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Between 1 and `most` bytes. */
  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const { value, done } = await this.#source.next();
      if (done === true) throw invalid("It is cut off.");
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async exactly(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

/**
 * Unpacks a bundle whose digest was checked: `target` appears whole, with every byte on the disk, or not at all. `work` is beside it on the
 * same file system.
 * @throws FlashlineError `update.archive_invalid`, `update.disk`
 */
export async function unpack(
  file: string,
  archive: UpdateManifest["archive"],
  work: string,
  target: string,
): Promise<void> {
  await rm(work, { recursive: true, force: true });
  const source = createReadStream(file);
  // `pipe` passes no error on, and one that nobody hears ends the agent with the units that it has in work.
  const stream = source.pipe(createGunzip());
  source.on("error", (error) => stream.destroy(error));
  try {
    await mkdir(work, { mode: 0o700 });
    await write(new Blocks(stream), archive, work);
    await rm(target, { recursive: true, force: true });
    await moveDurably(work, target);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    const isOfZlib =
      error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
    throw isOfZlib ? invalid(`It cannot be unpacked: ${error.message}`) : outOfSpace(error);
  } finally {
    stream.destroy();
    source.destroy();
  }
}

async function write(
  blocks: Blocks,
  { unpacked, files }: UpdateManifest["archive"],
  work: string,
): Promise<void> {
  const folders = new Set([work]);
  let bytes = 0;
  let count = 0;
  for (;;) {
    const entry = readHeader(await blocks.exactly(BLOCK));
    if (entry === undefined) break;
    const path = join(work, entry.path);
    await addFolder(folders, work, entry.kind === "folder" ? path : dirname(path));
    if (entry.kind === "folder") continue;
    bytes += entry.size;
    count += 1;
    if (bytes > unpacked || count > files) throw invalid("It holds more than was signed.");
    await writeFile(blocks, path, entry.size);
    await blocks.exactly((BLOCK - (entry.size % BLOCK)) % BLOCK);
  }
  if (bytes !== unpacked || count !== files) throw invalid("It holds less than was signed.");
  for (const folder of folders) await syncFolder(folder);
}

async function addFolder(folders: Set<string>, work: string, folder: string): Promise<void> {
  if (folders.has(folder)) return;
  if (!folder.startsWith(`${work}/`)) throw invalid("It leaves its folder.");
  await addFolder(folders, work, dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch((cause: unknown) => {
    throw invalid(`${folder.slice(work.length + 1)} is there as a file: ${String(cause)}`);
  });
  folders.add(folder);
}

async function writeFile(blocks: Blocks, path: string, size: number): Promise<void> {
  let handle: FileHandle;
  try {
    // A name that came before is refused.
    handle = await open(path, "wx", 0o600);
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw taken ? invalid("It holds one name twice.") : cause;
  }
  try {
    for (let left = size; left > 0; ) {
      const part = await blocks.some(left);
      await handle.writeFile(part);
      left -= part.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
