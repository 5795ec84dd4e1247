import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { LARGEST_PART } from "@flashline/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type BlobStore, imageBytes, wholeSize } from "./blobs.ts";
import { openFolderBlobs } from "./folder.ts";
import { bytesOf, receive } from "./incoming.ts";
import { MOST_UNFINISHED, openParts, type PartStore } from "./parts.ts";

let folder: string;
let blobs: BlobStore;
let parts: PartStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-parts-"));
  blobs = await openFolderBlobs(folder);
  parts = await openParts(folder, blobs);
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7) & 0xff));
const upload = {
  sha256: createHash("sha256").update(bytes).digest("hex"),
  size: bytes.length,
};
function* slices(from: number, to: number, cutAt: number): Generator<Uint8Array> {
  for (let at = from; at < to; at += 1000) {
    if (at >= cutAt) throw new TypeError("aborted");
    yield bytes.subarray(at, Math.min(at + 1000, to));
  }
}
const pieces = (from: number, to: number, cutAt = to) => Readable.from(slices(from, to, cutAt));
const offset = async () => (await parts.standing(upload)).offset;

it("keeps what came before a cut, across a restart, and makes an image of the whole", async () => {
  await expect(parts.append(upload, 0, pieces(0, 30_000, 20_000))).rejects.toThrow("aborted");
  expect(await offset()).toBe(20_000);
  parts = await openParts(folder, await openFolderBlobs(folder));
  await expect(parts.append(upload, 0, pieces(0, 1000))).rejects.toMatchObject({
    code: "upload.offset",
    parameters: { offset: 20_000 },
  });
  expect(await parts.append(upload, 20_000, pieces(20_000, 40_000))).toBe(false);
  expect(await parts.append(upload, 40_000, pieces(40_000, 50_000))).toBe(true);
  expect((await imageBytes(blobs, upload.sha256)).equals(bytes)).toBe(true);
  expect(await readdir(join(folder, "parts"))).toEqual([]);
});

it("throws a whole away that has another digest, and takes no byte past the end or a part's limit", async () => {
  await parts.append(upload, 0, Readable.from([bytes.subarray(1, 1001)]));
  await expect(parts.append(upload, 1000, pieces(1000, 50_000))).rejects.toMatchObject({
    code: "upload.digest",
  });
  expect([await offset(), await wholeSize(blobs, upload.sha256)]).toEqual([0, undefined]);
  const small = { ...upload, size: 1500 };
  await expect(parts.append(small, 0, pieces(0, 3000))).rejects.toMatchObject({
    code: "request.too_large",
  });
  expect((await parts.standing(small)).offset).toBe(1000);
  const large = { ...upload, size: 3 * LARGEST_PART };
  const zeros = Readable.from(Array.from({ length: 5 }, () => Buffer.alloc(LARGEST_PART / 4)));
  await expect(parts.append(large, 0, zeros)).rejects.toMatchObject({
    code: "request.too_large",
  });
});

it("is ended by a request without bytes where a crash came after the last part, and by two at once", async () => {
  await writeFile(join(folder, "parts", `${upload.sha256}-${upload.size}`), bytes);
  const ends = [0, 1].map(() => parts.append(upload, bytes.length, pieces(0, 0)));
  expect(await Promise.all(ends)).toContain(true);
  expect(await wholeSize(blobs, upload.sha256)).toBe(bytes.length);
});

it("forgets what nobody goes on with, and takes so many unfinished ones at most", async () => {
  const sha256 = (n: number) => String(n).padStart(64, "0");
  for (let n = 0; n < MOST_UNFINISHED; n += 1) {
    await parts.append({ sha256: sha256(n), size: 2 }, 0, Readable.from([Buffer.alloc(1)]));
  }
  await expect(parts.append(upload, 0, pieces(0, 1000))).rejects.toMatchObject({
    code: "upload.too_many",
  });
  expect(
    await parts.append({ sha256: sha256(0), size: 3 }, 0, pieces(0, 0)).catch(String),
  ).toContain("unfinished");
  await utimes(join(folder, "parts", `${sha256(0)}-2`), 1000, 1000);
  await parts.sweep();
  expect((await readdir(join(folder, "parts"))).length).toBe(MOST_UNFINISHED - 1);
  expect(await parts.append(upload, 0, pieces(0, 1000))).toBe(false);
  await parts.drop(upload);
  expect(await offset()).toBe(0);
});

it("keeps what was checked, whatever comes in later by an earlier part that is still open", async () => {
  let goOn = () => {};
  const done = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* late(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 1000);
    await done;
    yield Buffer.alloc(49_000, 0xee);
  }
  const open = parts.append(upload, 0, late());
  while ((await offset()) < 1000) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await parts.append(upload, 1000, pieces(1000, 50_000))).toBe(true);
  goOn();
  expect(await open).toBe(true);
  expect((await imageBytes(blobs, upload.sha256)).equals(bytes)).toBe(true);
  expect(await readdir(join(folder, "parts"))).toEqual([]);
});

it("is an error for whoever reads it that a file is gone, and none that ends the process", async () => {
  const gone = bytesOf(join(folder, "gone"));
  await expect(receive(folder, gone, upload.size, async () => {})).rejects.toMatchObject({
    code: "ENOENT",
  });
});
