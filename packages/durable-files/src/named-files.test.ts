import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { namedFiles } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-named-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("keeps the newest bytes of a name across restarts, whatever the name, until they are forgotten", async () => {
  const path = join(folder, "deep", "er");
  const first = namedFiles(path, ".piece");
  expect(await first.load("a/../b")).toBeUndefined();
  await first.forget("a/../b");
  await first.save("a/../b", Uint8Array.of(1, 2, 3));
  await first.save("other", Uint8Array.of(9));
  await first.save("a/../b", Uint8Array.of(4, 5));
  const second = namedFiles(path, ".piece");
  expect(await second.load("a/../b")).toEqual(Uint8Array.of(4, 5));
  await second.forget("a/../b");
  expect(await first.load("a/../b")).toBeUndefined();
  expect(await first.load("other")).toEqual(Uint8Array.of(9));
  expect(await readdir(path)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.piece$/)]);
});

it("does not take what a power cut left half written", async () => {
  const store = namedFiles(folder, ".piece");
  await store.save("a", Uint8Array.of(1, 2, 3));
  await writeFile(join(folder, ".flashline-0123456789abcdef.new"), Uint8Array.of(9));
  expect(await store.load("a")).toEqual(Uint8Array.of(1, 2, 3));
});

it("forgets what is older than a time, and nothing that is to be kept", async () => {
  const store = namedFiles(folder, ".piece");
  const old = new Date(Date.now() - 10_000);
  for (const name of ["kept", "old", "older", "new"]) await store.save(name, Uint8Array.of(1));
  await writeFile(join(folder, "other.file"), "");
  for (const file of await readdir(folder)) await utimes(join(folder, file), old, old);
  await store.save("new", Uint8Array.of(2));
  expect(await store.forgetOlder(Date.now() - 5_000, () => ["kept"])).toBe(2);
  expect(await store.load("old")).toBeUndefined();
  expect(await store.load("kept")).toBeDefined();
  expect(await store.load("new")).toEqual(Uint8Array.of(2));
  expect(await readdir(folder)).toContain("other.file");
  expect(await namedFiles(join(folder, "none"), ".piece").forgetOlder(0, () => [])).toBe(0);
});

it("fails aloud where it cannot write or read", async () => {
  await writeFile(join(folder, "file"), "");
  const store = namedFiles(join(folder, "file", "below"), ".piece");
  await expect(store.save("a", Uint8Array.of(1))).rejects.toThrow(/ENOTDIR|EEXIST/);
  await expect(store.load("a")).rejects.toThrow("ENOTDIR");
});
