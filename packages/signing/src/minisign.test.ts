import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  formatPublicKey,
  formatSecretKey,
  generateKeyPair,
  keyIdOf,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  signMinisig,
  verifyMinisig,
} from "./index.ts";

/** Both ways against Debian's `minisign`: what it writes is read here, and what is written here it accepts. */
let folder: string;
const inFolder = (name: string): string => join(folder, name);
const minisign = (...args: string[]): string =>
  execFileSync("minisign", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
const data = Buffer.from('{"schema":1,"product":"U2C"}\n');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-minisign-"));
  minisign("-G", "-W", "-f", "-p", "theirs.pub", "-s", "theirs.key");
  writeFileSync(inFolder("manifest.json"), data);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("reads minisign's keys and accepts its signatures", () => {
  const publicKey = parsePublicKey(readFileSync(inFolder("theirs.pub"), "utf8"));
  minisign("-S", "-s", "theirs.key", "-m", "manifest.json", "-t", "release 1.2.3 ü");
  const text = readFileSync(inFolder("manifest.json.minisig"), "utf8");
  expect(keyIdOf(text)).toBe(publicKey.keyId);
  expect(verifyMinisig(data, text, publicKey)).toEqual({
    keyId: publicKey.keyId,
    trustedComment: "release 1.2.3 ü",
  });
  // Its comment has the id as a number: without zeros in front.
  const asNumber = publicKey.keyId.replace(/^0+/, "");
  expect(readFileSync(inFolder("theirs.pub"), "utf8")).toContain(` ${asNumber}\n`);
  const secretKey = parseSecretKey(readFileSync(inFolder("theirs.key"), "utf8"));
  expect(formatPublicKey(publicKeyOf(secretKey))).toBe(formatPublicKey(publicKey));
});

test("minisign accepts a signature made here with its own key", () => {
  const secretKey = parseSecretKey(readFileSync(inFolder("theirs.key"), "utf8"));
  writeFileSync(inFolder("ours.minisig"), signMinisig(data, secretKey, { trustedComment: "a b" }));
  const said = minisign("-V", "-p", "theirs.pub", "-m", "manifest.json", "-x", "ours.minisig");
  expect(said).toContain("Trusted comment: a b");
});

test("minisign signs with a key made here, and both sides accept it", () => {
  const { publicKey, secretKey } = generateKeyPair();
  writeFileSync(inFolder("ours.key"), formatSecretKey(secretKey));
  writeFileSync(inFolder("ours.pub"), formatPublicKey(publicKey));
  minisign("-S", "-s", "ours.key", "-m", "manifest.json", "-x", "back.minisig");
  minisign("-V", "-p", "ours.pub", "-m", "manifest.json", "-x", "back.minisig");
  const text = readFileSync(inFolder("back.minisig"), "utf8");
  expect(verifyMinisig(data, text, publicKey).keyId).toBe(publicKey.keyId);
});

test("refuses minisign's legacy form by its own code", () => {
  const publicKey = parsePublicKey(readFileSync(inFolder("theirs.pub"), "utf8"));
  minisign("-S", "-l", "-s", "theirs.key", "-m", "manifest.json", "-x", "legacy.minisig");
  const text = readFileSync(inFolder("legacy.minisig"), "utf8");
  expect(() => verifyMinisig(data, text, publicKey)).toThrow(
    expect.objectContaining({ code: "release.signature_legacy" }),
  );
});
