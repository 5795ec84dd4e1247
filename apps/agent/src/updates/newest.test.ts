import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noteHealthy, readNewest } from "./newest.ts";

let versions: string;
beforeEach(async () => {
  versions = await mkdtemp(join(tmpdir(), "flashline-newest-"));
});
afterEach(() => rm(versions, { recursive: true, force: true }));
const file = () => join(versions, "newest");

it("goes up and never down, and is there after a restart", async () => {
  expect(await readNewest(versions)).toEqual({ kind: "none" });
  for (const [healthy, newest] of [
    ["1.4.2", "1.4.2"],
    ["1.10.0-rc.1", "1.10.0-rc.1"],
    ["1.9.0", "1.10.0-rc.1"],
    ["1.10.0", "1.10.0"],
    ["0.0.0+local", "1.10.0"],
  ] as const) {
    expect(await noteHealthy(versions, healthy)).toEqual({ kind: "known", version: newest });
    expect(await readNewest(versions)).toEqual({ kind: "known", version: newest });
  }
});

it("is not begun anew where it is damaged", async () => {
  await writeFile(file(), "1.x");
  expect(await readNewest(versions)).toMatchObject({ kind: "unreadable" });
  expect(await noteHealthy(versions, "1.4.2")).toMatchObject({ kind: "unreadable" });
  expect(await readFile(file(), "utf8")).toBe("1.x");
  await rm(file());
  await mkdir(file());
  expect(await readNewest(versions)).toMatchObject({ kind: "unreadable" });
});

it("of a version without such a name is not noted", async () => {
  expect(await noteHealthy(versions, "0.0.0+local")).toEqual({ kind: "none" });
  expect(await readNewest(versions)).toEqual({ kind: "none" });
});
