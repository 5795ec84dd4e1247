import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSecretKey, generateKeyPair, verifyMinisig } from "@flashline/signing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { runCommand } from "../testing.ts";

const folder = mkdtempSync(join(tmpdir(), "flashline-update-sign-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keys = generateKeyPair();
const path = (name: string) => join(folder, name);
const archive = Buffer.from("an archive");
const MANIFEST = {
  schema: 1,
  name: "flashline-agent",
  version: "1.4.2",
  platform: "linux-x64",
  builtAt: "2026-11-29T12:00:00Z",
  launcher: 1,
  node: "24.22.3",
  journal: { reads: 1, writes: 1 },
  archive: {
    sha256: createHash("sha256").update(archive).digest("hex"),
    size: archive.length,
    unpacked: 10,
    files: 1,
  },
};
const built = Buffer.from(`${JSON.stringify(MANIFEST, undefined, 2)}\n`);
writeFileSync(path("update.key"), formatSecretKey(keys.secretKey));
writeFileSync(path("u.tar.gz"), archive);
beforeEach(() => {
  writeFileSync(path("u.json"), built);
  rmSync(path("u.json.minisig"), { force: true });
});

const sign = (...words: readonly string[]) =>
  runCommand(["agent-update", "sign", path("u.json"), "--key", path("update.key"), ...words]);
const signed = () => {
  const bytes = readFileSync(path("u.json"));
  verifyMinisig(bytes, readFileSync(path("u.json.minisig"), "utf8"), keys.publicKey);
  return bytes;
};

test("signs the manifest's bytes as they are", async () => {
  const run = await sign();
  expect([run.exit, run.error]).toEqual([0, ""]);
  expect(signed().equals(built)).toBe(true);
  expect(run.out).not.toContain("go back");
});

test("puts into the manifest from which version PCs may go back, and signs that", async () => {
  const run = await sign("--downgrade-from", "1.5.0");
  expect(run.exit).toBe(0);
  expect(run.out).toContain("PCs that ran up to 1.5.0 may go back to it");
  expect(JSON.parse(signed().toString())).toEqual({ ...MANIFEST, downgradeFrom: "1.5.0" });
  // Signed anew, it allows what it said before.
  const again = await sign("--json");
  expect(JSON.parse(again.out)).toMatchObject({ event: "signed", downgradeFrom: "1.5.0" });
  expect(JSON.parse(signed().toString())).toMatchObject({ downgradeFrom: "1.5.0" });
});

test.each(["1.4.2", "1.4.1", "newest"])(
  "from %s nobody goes back to 1.4.2: nothing is written",
  async (from) => {
    const run = await sign("--downgrade-from", from);
    expect([run.exit, run.error]).toEqual([2, expect.stringContaining(`--downgrade-from ${from}`)]);
    expect(readFileSync(path("u.json")).equals(built)).toBe(true);
    expect(() => signed()).toThrow("ENOENT");
  },
);
