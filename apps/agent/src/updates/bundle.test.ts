import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FlashlineError } from "@flashline/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { header, tarOf } from "../../../../scripts/update/tar.mjs";
import { fetchBundle } from "./fetch-bundle.ts";
import { unpack } from "./unpack.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-bundle-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Entry {
  readonly path: string;
  readonly content?: string;
  readonly type?: string;
}

/** An archive of these entries, whatever they are. */
function archiveOf(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ path, content = "", type = "0" }) => [
    header(path, content.length, 0, type),
    Buffer.from(content),
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
const signed = (entries: readonly Entry[], bytes: Buffer) => ({
  sha256: createHash("sha256").update(bytes).digest("hex"),
  size: bytes.length,
  unpacked: entries.reduce((sum, { content = "" }) => sum + content.length, 0),
  files: entries.filter(({ type = "0" }) => type === "0").length,
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof FlashlineError ? error.code : String(error)),
  );

async function unpacked(entries: readonly Entry[], change: object = {}, tar = archiveOf(entries)) {
  const bytes = gzipSync(tar);
  const file = join(folder, "bundle.part");
  await writeFile(file, bytes);
  const target = join(folder, "target");
  const archive = { ...signed(entries, bytes), ...change };
  return await codeOf(unpack(file, archive, join(folder, "work"), target));
}
const PLAIN = [
  { path: "app/main.mjs", content: "x".repeat(700) },
  { path: "app/deep/er/file", content: "" },
  { path: `app/${"long/".repeat(30)}name`, content: "y" },
];

describe("a bundle", () => {
  it("that the disk does not give back is an error of the update, and not the agent's end", async () => {
    const archive = { sha256: "", size: 1, unpacked: 1, files: 1 };
    const target = join(folder, "target");
    // A folder in its place: what it says is EISDIR, as a bad disk says EIO.
    const code = await codeOf(unpack(folder, archive, join(folder, "work"), target));
    expect(code).toContain("EISDIR");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is unpacked as it was packed", async () => {
    expect(await unpacked(PLAIN)).toBe("done");
    expect(await readFile(join(folder, "target/app/main.mjs"), "utf8")).toBe("x".repeat(700));
    expect(await readFile(join(folder, `target/app/${"long/".repeat(30)}name`), "utf8")).toBe("y");
    expect((await stat(join(folder, "target/app/deep/er/file"))).size).toBe(0);
    expect(await readdir(folder)).not.toContain("work");
  });

  it("that the build makes is read, always as the same bytes", async () => {
    const source = join(folder, "source");
    await unpacked(PLAIN);
    const first = await tarOf(join(folder, "target/app"), "app", 1_000);
    const second = await tarOf(join(folder, "target/app"), "app", 1_000);
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
    const file = join(folder, "made.part");
    await writeFile(file, first.bytes);
    const archive = { ...signed([], first.bytes), unpacked: first.unpacked, files: first.files };
    await unpack(file, archive, join(folder, "work"), source);
    expect(await readFile(join(source, "app/main.mjs"), "utf8")).toBe("x".repeat(700));
  });

  const odd = (entry: Entry) => [...PLAIN, entry];
  it.each([
    ["leaves its folder", odd({ path: "app/../../etc/passwd", content: "x" })],
    ["begins at the root", odd({ path: "/etc/passwd", content: "x" })],
    ["is beside the app", odd({ path: "other/file", content: "x" })],
    ["has an empty part", odd({ path: "app//file", content: "x" })],
    ["has a backslash", odd({ path: "app/..\\file", content: "x" })],
    ["is a symbolic link", odd({ path: "app/link", type: "2" })],
    ["is a hard link", odd({ path: "app/link", type: "1" })],
    ["is a device", odd({ path: "app/device", type: "3" })],
    ["is a long name of GNU", odd({ path: "app/name", type: "L" })],
    ["comes twice", odd({ path: "app/main.mjs", content: "z" })],
    ["has a file for a folder", odd({ path: "app/main.mjs/file", content: "z" })],
  ])("with an entry that %s is refused, and nothing of it stays", async (_what, entries) => {
    expect(await unpacked(entries)).toBe("update.archive_invalid");
    expect(await readdir(folder)).toEqual(["bundle.part"]);
  });

  it("with more or less than was signed, or that is damaged, is refused", async () => {
    const { unpacked: bytes, files } = signed(PLAIN, Buffer.of());
    expect(await unpacked(PLAIN, { unpacked: bytes - 1 })).toBe("update.archive_invalid");
    expect(await unpacked(PLAIN, { unpacked: bytes + 1 })).toBe("update.archive_invalid");
    expect(await unpacked(PLAIN, { files: files - 1 })).toBe("update.archive_invalid");
    expect(await unpacked(PLAIN, { files: files + 1 })).toBe("update.archive_invalid");
    const tar = archiveOf(PLAIN);
    expect(await unpacked(PLAIN, {}, tar.subarray(0, 900))).toBe("update.archive_invalid");
    const changed = Buffer.from(tar);
    changed[3] = 0x41;
    expect(await unpacked(PLAIN, {}, changed)).toBe("update.archive_invalid");
    await writeFile(join(folder, "bundle.part"), "no archive at all");
    const archive = signed(PLAIN, Buffer.of());
    const target = join(folder, "other");
    const file = join(folder, "bundle.part");
    expect(await codeOf(unpack(file, archive, join(folder, "work"), target))).toBe(
      "update.archive_invalid",
    );
  });
});

describe("fetching", () => {
  const bytes = Buffer.from("0123456789");
  const archive = { ...signed([], bytes), unpacked: 10, files: 1 };
  const fetching = (
    part: (offset: number) => Uint8Array | Promise<Uint8Array>,
    change: object = {},
  ) =>
    fetchBundle({
      incoming: join(folder, "incoming"),
      archive: { ...archive, ...change },
      part: async (_sha256, offset) => await part(offset),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });

  it("goes on where it was cut off", async () => {
    const asked: number[] = [];
    const cut = (offset: number) => {
      asked.push(offset);
      if (offset >= 4) throw new FlashlineError("agent.offline");
      return bytes.subarray(offset, offset + 4);
    };
    expect(await codeOf(fetching(cut))).toBe("agent.offline");
    const file = await fetching((offset) => {
      asked.push(offset);
      return bytes.subarray(offset, offset + 4);
    });
    expect(asked).toEqual([0, 4, 4, 8]);
    expect(await readFile(file, "utf8")).toBe("0123456789");
    expect(await fetching(() => Promise.reject(new RangeError("asked")))).toBe(file);
  });

  it("refuses other bytes than were signed, and begins anew the next time", async () => {
    expect(await codeOf(fetching(() => Buffer.from("abcdefghij")))).toBe("update.digest");
    expect(await codeOf(fetching(() => Buffer.of()))).toBe("update.digest");
    expect(await codeOf(fetching(() => Buffer.from("0123456789a")))).toBe("update.digest");
    expect(await codeOf(fetching((offset) => bytes.subarray(offset)))).toBe("done");
  });

  it("asks for room on the disk first", async () => {
    const most = { unpacked: Number.MAX_SAFE_INTEGER };
    expect(await codeOf(fetching(() => Promise.reject(new RangeError("asked")), most))).toBe(
      "update.disk",
    );
  });
});
