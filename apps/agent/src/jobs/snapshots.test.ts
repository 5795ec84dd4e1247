import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fileSnapshots, snapshotName } from "./snapshots.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-snapshots-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps the newest bytes of a name over a restart, until they are forgotten", async () => {
  const name = snapshotName("FAN/../../2", "SN 1");
  await fileSnapshots(folder).save(name, new Uint8Array([1, 2, 3]));
  await fileSnapshots(folder).save(name, new Uint8Array([4]));
  const restarted = fileSnapshots(folder);
  expect(await restarted.load(name)).toEqual(new Uint8Array([4]));
  expect(await restarted.load(snapshotName("OTHER", "SN 1"))).toBeUndefined();
  await restarted.forget(name);
  await restarted.forget(name);
  expect(await restarted.load(name)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

it("does not take what a power cut left half written", async () => {
  const store = fileSnapshots(folder);
  await store.save("a", new Uint8Array([1, 2, 3]));
  await writeFile(join(folder, ".flashline-0123456789abcdef.new"), new Uint8Array([9]));
  expect(await store.load("a")).toEqual(new Uint8Array([1, 2, 3]));
});

it("says so when it cannot save", async () => {
  await writeFile(join(folder, "file"), "");
  const store = fileSnapshots(join(folder, "file"));
  await expect(store.save("a", new Uint8Array([1]))).rejects.toThrow("EEXIST");
});
