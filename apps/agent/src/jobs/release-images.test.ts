import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Manifest, Recipe } from "@flashline/contract";
import { appendSuffix } from "@flashline/dfu-core/image";
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

  /** What becomes of bytes as the image of a release that this station has. */
  function loaded(name: string, bytes: Uint8Array, change: object = {}, recipe: object = {}) {
    const entry = { name, sha256: sha256Of(bytes), size: bytes.length, ...change };
    const images = { images: [entry], recipe: Recipe.parse(recipe) };
    return loadImages(images, source(bytes, folder)).then(
      ({ bytes: length }) => length,
      (error: unknown) => String(Object(error).code),
    );
  }
  const at = { address: 0x0800_0000 };
  const page = Buffer.from("<!DOCTYPE html>\n<html><body>Not Found</body></html>\n");

  it("are refused where a desk refuses them, whoever released them", async () => {
    for (const name of ["app.hex", "app.bin", "app.rom"]) {
      expect(await loaded(name, page, at)).toBe("image.not_firmware");
    }
    expect(await loaded("app.hex", BYTES, at)).toBe("image.not_firmware");
    expect(await loaded("app.rom", BYTES)).toBe("image.not_firmware");
    const other = appendSuffix(BYTES, { vendorId: 0x1209, productId: 1, bcdDevice: 0 });
    expect(await loaded("app.bin", other, at)).toBe("image.wrong_device");
  });

  it("are taken as they are where the recipe says so", async () => {
    expect(await loaded("app.hex", page, at, { rawImages: ["app.hex"] })).toBe(page.length);
    expect(await loaded("app.hex", page, at, { rawImages: ["b.hex"] })).toBe("image.not_firmware");
  });

  it("of a release that was signed earlier are flashed, whatever vector table and name they have", async () => {
    // No vector table, and a name that says nothing: both passed when these were signed.
    for (const name of ["app", "app.bin", "app.rom", "app.fw"]) {
      expect(await loaded(name, BYTES, at)).toBe(100);
    }
  });

  it("are refused with another content or size, and not kept", async () => {
    const wrong = source(new Uint8Array(100), folder);
    const refused = { code: "release.image_digest" };
    await expect(loadImages(manifest(100), wrong)).rejects.toMatchObject(refused);
    expect(await wrong.cache.get(sha256Of(BYTES))).toBeUndefined();
    await expect(loadImages(manifest(99), source(BYTES, folder))).rejects.toMatchObject(refused);
  });
});
