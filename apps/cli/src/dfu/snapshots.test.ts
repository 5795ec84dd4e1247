import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSnapshots, snapshotFolder, snapshotNameOf } from "./snapshots.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-snapshots-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("fileSnapshots", () => {
  it("keeps bytes by name across stores, replaces them, forgets them", async () => {
    const path = join(folder, "deep", "er");
    const first = fileSnapshots(path);
    expect(await first.load("a/../b")).toBeUndefined();
    await first.forget("a/../b");
    await first.save("a/../b", Uint8Array.of(1, 2, 3));
    await first.save("other", Uint8Array.of(9));
    await first.save("a/../b", Uint8Array.of(4, 5));
    const second = fileSnapshots(path);
    expect([...((await second.load("a/../b")) ?? [])]).toEqual([4, 5]);
    await second.forget("a/../b");
    expect(await first.load("a/../b")).toBeUndefined();
    expect([...((await first.load("other")) ?? [])]).toEqual([9]);
    expect(await readdir(path)).toHaveLength(1);
  });

  it("fails aloud where it cannot write or read", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const store = fileSnapshots(join(file, "below"));
    await expect(store.save("a", Uint8Array.of(1))).rejects.toThrow(/ENOTDIR|EEXIST/);
    await expect(store.load("a")).rejects.toThrow("ENOTDIR");
  });
});

describe("the name of a unit in storage", () => {
  const ids = { vendorId: 0x0483, productId: 0xdf11 };
  it.each(["", "FFFFFFFEFFFF", "STM32FxSTM32", "STM32", "3CBJ"])(
    "is not the serial %j, which many have",
    (serial) => {
      expect(() => snapshotNameOf({ ...ids, serial }, undefined)).toThrow(/of its own/);
      expect(snapshotNameOf({ ...ids, serial }, "A-17")).toContain("A-17");
    },
  );

  it("is the USB serial where that is its own", () => {
    expect(snapshotNameOf({ ...ids, serial: "377C35563337" }, undefined)).toBe(
      "usb 483:df11 377C35563337",
    );
  });

  it("lies in the user's state folder, and not in the agent's", () => {
    const agents = { FLASHLINE_DATA: "/var/lib/flashline-agent" };
    expect(snapshotFolder({ ...agents, XDG_STATE_HOME: "/state" })).toBe(
      join("/state", "flashline", "snapshots"),
    );
  });
});
