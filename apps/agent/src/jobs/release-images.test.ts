import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Manifest, Recipe } from "@flashline/contract";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageCache, sha256Of } from "./image-cache.ts";
import { loadImages } from "./release-images.ts";

const BYTES = new Uint8Array(100).fill(7);

let folder: string;
let logged: { level: number; msg: string }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-release-images-"));
  logged = [];
});
afterEach(() => rm(folder, { recursive: true }));

const manifest = (size: number): Pick<Manifest, "images" | "recipe"> => ({
  images: [{ name: "app", sha256: sha256Of(BYTES), size, address: 0x0800_0000 }],
  recipe: Recipe.parse({}),
});
const source = (bytes: Uint8Array, cacheFolder: string) => ({
  cache: imageCache(cacheFolder, 10_000),
  link: { image: () => Promise.resolve(bytes) },
  unit: { vendorId: 0x0483, productId: 0xdf11 },
  log: pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
});

describe("a release's images", () => {
  it("are flashed although the cache cannot keep them, and the log says why", async () => {
    await writeFile(join(folder, "images"), "no folder");
    const image = await loadImages(manifest(100), source(BYTES, join(folder, "images")));
    expect(image.segments).toMatchObject([{ address: 0x0800_0000, data: BYTES }]);
    expect(logged).toMatchObject([{ level: 40, msg: "the image is not kept here" }]);
  });

  it("are refused with another content or size, and not kept", async () => {
    const wrong = source(new Uint8Array(100), folder);
    const refused = { code: "release.image_digest" };
    await expect(loadImages(manifest(100), wrong)).rejects.toMatchObject(refused);
    expect(await wrong.cache.get(sha256Of(BYTES))).toBeUndefined();
    await expect(loadImages(manifest(99), source(BYTES, folder))).rejects.toMatchObject(refused);
  });
});
