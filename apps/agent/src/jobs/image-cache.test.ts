import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { imageCache, sha256Of } from "./image-cache.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-cache-"));
});
afterEach(() => rm(folder, { recursive: true }));
const filled = (byte: number, size = 1000) => new Uint8Array(size).fill(byte);

it("gives back what was stored", async () => {
  const cache = imageCache(folder, 10_000);
  const digest = sha256Of(filled(1));
  expect(await cache.get(digest)).toBeUndefined();
  await cache.put(digest, filled(1));
  expect(await cache.get(digest)).toEqual(Buffer.from(filled(1)));
});

it("throws away a file that was changed on disk", async () => {
  const cache = imageCache(folder, 10_000);
  const digest = sha256Of(filled(1));
  await cache.put(digest, filled(1));
  await writeFile(join(folder, digest), filled(2));
  expect(await cache.get(digest)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

it("evicts what was not used for the longest time, never what was just stored", async () => {
  const cache = imageCache(folder, 2500);
  const digests = [1, 2, 3].map((byte) => sha256Of(filled(byte)));
  const [first = "", second = "", third = ""] = digests;
  await cache.put(first, filled(1));
  await cache.put(second, filled(2));
  await utimes(join(folder, first), 1000, 1000);
  await utimes(join(folder, second), 500, 500);
  await cache.get(second);
  await cache.put(third, filled(3));
  expect((await readdir(folder)).sort()).toEqual([second, third].sort());
  const huge = filled(4, 5000);
  await cache.put(sha256Of(huge), huge);
  expect(await readdir(folder)).toEqual([sha256Of(huge)]);
});

it("serves several nests at once, however small it is, and what is not an image is not its own", async () => {
  const cache = imageCache(folder, 1);
  await writeFile(join(folder, ".flashline-0123456789abcdef.new"), "another nest's, half written");
  for (let round = 0; round < 20; round++) {
    const images = [1, 2, 3, 4].map((n) => filled(round * 4 + n, 20_000));
    await Promise.all(images.map((bytes) => cache.put(sha256Of(bytes), bytes)));
  }
  const names = await readdir(folder);
  expect(names).toContain(".flashline-0123456789abcdef.new");
  expect(names.length).toBeLessThanOrEqual(2);
});
