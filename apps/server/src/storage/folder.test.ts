import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolderBlobs } from "./folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-blobs-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("blobs in a folder", () => {
  it("are never kept in part where the disk takes a part of the last bytes", async () => {
    const script = `
      import { openFolderBlobs } from ${JSON.stringify(new URL("./folder.ts", import.meta.url).href)};
      const blobs = await openFolderBlobs(${JSON.stringify(folder)});
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
    await openFolderBlobs(folder);
    const incoming = join(folder, "incoming");
    // As a name that was listed and has been moved since.
    await symlink("gone", join(incoming, "moved"));
    await writeFile(join(incoming, "young"), "");
    await writeFile(join(incoming, "abandoned"), "");
    await utimes(join(incoming, "abandoned"), 1000, 1000);
    await openFolderBlobs(folder);
    expect(await readdir(incoming)).toEqual(["moved", "young"]);
  });
});
