import { pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openVault, secretPlace } from "./vault.ts";

const PLACE = secretPlace("unit", "key");

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "flashline-vault-"));
  file = path.join(folder, "secrets", "unit-secrets.key");
});
afterEach(() => rm(folder, { recursive: true }));

function contentNow(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Keeps the threads busy that do file system calls: each call of anybody waits, and what is between two is seen. */
function slowFiles(): () => void {
  let going = true;
  const again = () => {
    if (going) pbkdf2("", "", 2000, 32, "sha256", again);
  };
  for (let i = 0; i < 8; i++) again();
  return () => {
    going = false;
  };
}

test("whoever looks while the key is made sees none or a whole one, as after a power cut", async () => {
  const seen = new Set<string | undefined>();
  const stop = slowFiles();
  let made = false;
  const opened = openVault(undefined, folder).finally(() => {
    made = true;
  });
  while (!made) {
    seen.add(contentNow());
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  await opened;
  expect([...seen].filter((content) => content !== undefined && content.length < 65)).toEqual([]);
  expect(contentNow()).toMatch(/^[0-9a-f]{64}\n$/);
});

test("replicas that start at the same time have one key, and leave nothing else", async () => {
  const vaults = await Promise.all(Array.from({ length: 8 }, () => openVault(undefined, folder)));
  const sealed = vaults.map((vault) => vault.seal(PLACE, "secret"));
  for (const vault of [...vaults, await openVault(undefined, folder)]) {
    expect(sealed.map((each) => vault.open(PLACE, each))).toEqual(sealed.map(() => "secret"));
  }
  expect(await readdir(path.dirname(file))).toEqual([path.basename(file)]);
  if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a secret opens with its own key and at its own place only", async () => {
  const vault = await openVault("01".repeat(32), folder);
  const sealed = vault.seal(PLACE, "secret");
  expect(vault.open(PLACE, sealed)).toBe("secret");
  expect(vault.open(secretPlace("other", "key"), sealed)).toBeUndefined();
  expect((await openVault("02".repeat(32), folder)).open(PLACE, sealed)).toBeUndefined();
});
