import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syncFolder } from "@flashline/durable-files";

/** Counts what flows through, and digests it. */
export interface Meter {
  pass(source: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  readonly bytes: number;
  /** Line feeds. A row of COPY's text format is one line, whatever it holds. */
  readonly lines: number;
  /** To be asked once, at the end. */
  sha256(): string;
}

export function meter(): Meter {
  const hash = createHash("sha256");
  let bytes = 0;
  let lines = 0;
  return {
    async *pass(source) {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
        yield chunk;
      }
    },
    get bytes() {
      return bytes;
    },
    get lines() {
      return lines;
    },
    sha256: () => hash.digest("hex"),
  };
}

/** A new file that is on the disk when it closes. Only its owner may read it. */
export const newFile = (path: string): Writable =>
  createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

async function through(source: Readable, target: Writable | undefined): Promise<Digest> {
  const measured = meter();
  const pass = (chunks: AsyncIterable<Buffer>) => measured.pass(chunks);
  if (target !== undefined) await pipeline(source, pass, target);
  else {
    for await (const _ of measured.pass(source)) {
      // Only its digest is wanted.
    }
  }
  return { bytes: measured.bytes, sha256: measured.sha256() };
}

export const digestOf = (file: string): Promise<Digest> =>
  through(createReadStream(file), undefined);

/** Copies a file to one that does not exist, and tells what was copied. */
export const copyDigested = (from: string, to: string): Promise<Digest> =>
  through(createReadStream(from), newFile(to));

/** Makes the names in `folder` and in its own folders durable. */
export async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolders(path.join(folder, entry.name));
  }
  await syncFolder(folder);
}
