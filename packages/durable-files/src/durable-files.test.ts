import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { chmod, type FileHandle, mkdir, open, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createDurably,
  moveDurably,
  removeDurably,
  removeUnfinished,
  replaceFile,
  tryBeside,
  writeDurably,
} from "./index.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), "utf8");
const modeOf = (name: string) => statSync(at(name)).mode & 0o777;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-durable-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What was synchronised, in this order, each with what the folder's files were at that moment. */
async function watchSyncs() {
  const handle = await open(folder, "r");
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const seen: { readonly what: string; readonly files: readonly string[] }[] = [];
  const { sync } = prototype;
  vi.spyOn(prototype, "sync").mockImplementation(function (this: FileHandle) {
    const path = relative(folder, readlinkSync(`/proc/self/fd/${this.fd}`));
    const what = path.replace(/\.flashline-[0-9a-f]{16}\.new$/, "FRESH");
    seen.push({ what, files: readdirSync(folder, { recursive: true, encoding: "utf8" }) });
    return sync.call(this);
  });
  return seen;
}

describe("what must outlive a power cut", () => {
  it("is synchronised before it has its name, and its name before it counts", async () => {
    const seen = await watchSyncs();
    await writeDurably(at("a/b/file"), "content");
    expect(seen.map(({ what }) => what)).toEqual(["a", "", "a/b/FRESH", "a/b"]);
    expect(seen[2]?.files).not.toContain("a/b/file");
    expect(seen[3]?.files).toContain("a/b/file");
    expect(text("a/b/file")).toBe("content");
    expect([modeOf("a"), modeOf("a/b/file")]).toEqual([0o700, 0o600]);
  });

  it("is replaced whole, by many at once, and leaves nothing beside it", async () => {
    const contents = Array.from({ length: 20 }, (_, n) => String(n).repeat(5000));
    await Promise.all(contents.map((content) => writeDurably(at("file"), content)));
    expect(contents).toContain(text("file"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("is moved and removed durably", async () => {
    await writeFile(at("from"), "pieces");
    const seen = await watchSyncs();
    await moveDurably(at("from"), at("to"));
    await removeDurably(at("to"));
    await removeDurably(at("to"));
    await removeDurably(at("no/folder/at/all"));
    expect(seen.map(({ what, files }) => [what, files])).toEqual([
      ["", ["to"]],
      ["", []],
      ["", []],
    ]);
  });
});

describe("what is created once", () => {
  it("is the first one's, whole, for all who create it at once", async () => {
    const contents = Array.from({ length: 20 }, (_, n) => String(n).repeat(5000));
    const won = await Promise.all(
      contents.map(async (content) => ((await createDurably(at("key"), content)) ? content : "")),
    );
    expect(won.filter(Boolean)).toEqual([text("key")]);
    expect(modeOf("key")).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["key"]);
  });

  it("is synchronised before it is there, and its folder by the losers, too", async () => {
    const seen = await watchSyncs();
    expect(await createDurably(at("key"), "one")).toBe(true);
    expect(await createDurably(at("key"), "two")).toBe(false);
    expect(seen.map(({ what }) => what)).toEqual(["FRESH", "", "FRESH", ""]);
    expect(seen[0]?.files).not.toContain("key");
    expect(text("key")).toBe("one");
  });

  it("says so where it cannot be", async () => {
    await writeFile(at("file"), "");
    await expect(createDurably(at("file/key"), "one")).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(writeDurably(at("file/key"), "one")).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});

describe("what a crash cut off", () => {
  it("is removed once it is old, below every folder, and nothing else is", async () => {
    const [old, young] = ["flashline-0123456789abcdef.new", "flashline-00112233445566ff.new"];
    await mkdir(at("a/b"), { recursive: true });
    const names = [`.${old}`, `a/b/.${old}`, `.${young}`, `a/${old}`, `a/.${old}x`, "a/kept"];
    for (const name of names) await writeFile(at(name), "half");
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const name of names.filter((one) => !one.includes(young))) {
      await utimes(at(name), hourAgo, hourAgo);
    }
    expect(await removeUnfinished(folder, Date.now() - 1_800_000)).toBe(2);
    const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
    expect(left).toEqual([`.${young}`, "a", `a/.${old}x`, "a/b", `a/${old}`, "a/kept"]);
    expect(await removeUnfinished(at("nothing"), Date.now())).toBe(0);
  });
});

describe("a file that a person asked for", () => {
  it("has the permissions that were named, and needs no folder that can be read", async () => {
    await mkdir(at("drop"));
    await chmod(at("drop"), 0o300);
    await replaceFile(at("drop/out"), "new", 0o646);
    expect((await stat(at("drop/out"))).mode & 0o777).toBe(0o646);
    await chmod(at("drop"), 0o700);
    await replaceFile(at("umask"), "new", undefined);
    expect(modeOf("umask")).toBe(0o666 & ~process.umask());
  });

  it("stays the old one where the new one cannot take its place, and nothing is left", async () => {
    await mkdir(at("name"));
    await expect(replaceFile(at("name"), "new", 0o600)).rejects.toThrow();
    await expect(tryBeside(at("missing/file"), 0o600)).rejects.toThrow("ENOENT");
    await tryBeside(at("name"), 0o600);
    expect(readdirSync(folder)).toEqual(["name"]);
  });
});
