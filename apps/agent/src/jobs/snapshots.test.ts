import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fileSnapshots, snapshotName } from "./snapshots.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-snapshots-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps units of two products apart that have one serial", async () => {
  const name = snapshotName("FAN/../../2", "SN 1");
  await fileSnapshots(folder).save(name, new Uint8Array([4]));
  const restarted = fileSnapshots(folder);
  expect(await restarted.load(name)).toEqual(new Uint8Array([4]));
  expect(await restarted.load(snapshotName("OTHER", "SN 1"))).toBeUndefined();
});
