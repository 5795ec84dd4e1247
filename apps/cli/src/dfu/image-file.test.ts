import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readImage } from "./image-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-image-file-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const UNIT = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x2200 };

it("flashes the bytes that were checked, whatever a build makes of the file meanwhile", async () => {
  const file = join(folder, "firmware.bin");
  writeFileSync(file, "checked\0and\0shown\0\0");
  const read = await readImage(file, {});
  writeFileSync(file, "something else, and longer\0\0\0");
  expect(read.forUnit(UNIT)).toEqual(read.image);
  expect(Buffer.from(read.image.segments[0]?.data ?? []).toString()).toBe(
    "checked\0and\0shown\0\0",
  );
});
