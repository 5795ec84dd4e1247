import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileBlobs } from "./blobs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-blobs-"));
});
afterEach(() => rm(folder, { recursive: true }));

const chunks = (...sizes: readonly number[]) =>
  Readable.from(sizes.map((size, n) => Buffer.alloc(size, n + 1)));

describe("blobs", () => {
  it("give back what was put, and refuse too much without leaving anything", async () => {
    const blobs = await openFileBlobs(folder);
    const { sha256, size } = await blobs.put(chunks(1000, 70_000, 1), 71_001);
    expect(size).toBe(71_001);
    expect((await blobs.read(sha256))?.subarray(1000, 71_000)).toEqual(Buffer.alloc(70_000, 2));
    await expect(blobs.put(chunks(1000, 70_000, 2), 71_001)).rejects.toMatchObject({
      code: "request.too_large",
    });
    expect(await readdir(join(folder, "incoming"))).toEqual([]);
    expect(await blobs.read("0".repeat(64))).toBeUndefined();
    expect(await blobs.open("0".repeat(64))).toBeUndefined();
  });

  it("are never kept in part where the disk takes a part of the last bytes", async () => {
    const script = `
      import { openFileBlobs } from ${JSON.stringify(new URL("./blobs.ts", import.meta.url).href)};
      const blobs = await openFileBlobs(${JSON.stringify(folder)});
      const bytes = (async function* () { yield Buffer.alloc(1_000_000, 7); })();
      const told = await blobs.put(bytes, 1e9).then(() => "stored", ({ code }) => code);
      process.stdout.write(told);`;
    // A file's largest size stands for a full disk: the system call writes up to it, and only the next one fails.
    const limited = 'ulimit -f 1000; exec "$0" "$@"';
    const node = ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script];
    const shell = promisify(execFile);
    const { stdout } = await shell("/bin/sh", ["-c", limited, process.execPath, ...node]);
    expect(stdout).toBe("EFBIG");
    expect(await readdir(folder)).toEqual(["incoming"]);
    expect(await readdir(join(folder, "incoming"))).toEqual([]);
  });

  it("open beside another replica whose uploads come and go, and forget what a crash left", async () => {
    await openFileBlobs(folder);
    const incoming = join(folder, "incoming");
    // As a name that was listed and has been moved since.
    await symlink("gone", join(incoming, "moved"));
    await writeFile(join(incoming, "young"), "");
    await writeFile(join(incoming, "abandoned"), "");
    await utimes(join(incoming, "abandoned"), 1000, 1000);
    await openFileBlobs(folder);
    expect(await readdir(incoming)).toEqual(["moved", "young"]);
  });
});
