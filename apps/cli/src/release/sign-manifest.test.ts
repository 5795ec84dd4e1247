import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSecretKey, generateKeyPair, verifyMinisig } from "@flashline/signing";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "../testing.ts";

/** `release sign --manifest`: the manifest was written elsewhere, and nothing is signed whose images are seen to be wrong. */
const folder = mkdtempSync(join(tmpdir(), "flashline-sign-"));
const keys = generateKeyPair();
const path = (name: string) => join(folder, name);
writeFileSync(path("team.key"), formatSecretKey(keys.secretKey));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLASH = 0x0800_0000;
/** Stack, reset vector behind the table, and bytes of every value. */
function firmware(length = 0x200): Buffer {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7 + 3) & 0xff));
  bytes.writeUInt32LE(0x2001_0000, 0);
  bytes.writeUInt32LE(FLASH + 0x101, 4);
  return bytes;
}

interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly address?: number;
  readonly size?: number;
}

/** Writes the files and a manifest that names them, and signs it with the files `given`. */
async function sign(
  entries: readonly Entry[],
  given = entries.map(({ name }) => name),
  change: Readonly<Record<string, unknown>> = {},
) {
  const manifest = {
    schema: 1,
    product: "U2C",
    chip: "STM32F407",
    version: "1.0.0",
    counter: 1,
    images: entries.map(({ name, bytes, address = FLASH, size = bytes.length }) => ({
      name,
      size,
      address,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    })),
    ...change,
  };
  for (const { name, bytes } of entries) writeFileSync(path(name), bytes);
  writeFileSync(path("manifest.json"), JSON.stringify(manifest));
  rmSync(path("manifest.json.minisig"), { force: true });
  const run = await runCommand([
    ...["release", "sign", ...given.map(path), "--manifest", path("manifest.json")],
    ...["--key", path("team.key")],
  ]);
  expect(existsSync(path("manifest.json.minisig"))).toBe(run.exit === 0);
  return run;
}

test("the manifest's own bytes are signed when its images are right", async () => {
  const run = await sign([{ name: "app.bin", bytes: firmware() }]);
  expect([run.exit, run.error]).toEqual([0, ""]);
  const signature = readFileSync(path("manifest.json.minisig"), "utf8");
  const bytes = readFileSync(path("manifest.json"));
  expect(verifyMinisig(bytes, signature, keys.publicKey)).toMatchObject({
    trustedComment: "product U2C version 1.0.0 counter 1",
  });
});

test("an image that was not given is named, and left to the server", async () => {
  const run = await sign(
    [
      { name: "app.bin", bytes: firmware() },
      { name: "tables.bin", bytes: firmware(0x40), address: 0x0801_0000 },
    ],
    ["app.bin"],
  );
  expect(run.exit).toBe(0);
  expect(run.error).toContain("tables.bin was not given and not looked at");
});

test("a file that the manifest does not name is refused: it was built anew since", async () => {
  writeFileSync(path("newer.bin"), firmware(0x204));
  const run = await sign([{ name: "app.bin", bytes: firmware() }], ["newer.bin"]);
  expect(run.error).toMatch(/does not name .*newer\.bin/);
});

test.each<[string, Entry, RegExp]>([
  [
    "a web page",
    { name: "page.bin", bytes: Buffer.from("<!DOCTYPE html><html><body>404</body></html>") },
    /page\.bin[\s\S]*image\./,
  ],
  [
    "an image behind the chip's flash",
    { name: "far.bin", bytes: firmware(), address: 0x080f_ff00 },
    /far\.bin: the file covers 0x080fff00 to 0x081000ff[\s\S]*image\.does_not_fit/,
  ],
  [
    "an image linked for another address",
    { name: "moved.bin", bytes: firmware(), address: 0x0801_0000 },
    /image\.vectors/,
  ],
  [
    "another size than the file has",
    { name: "size.bin", bytes: firmware(), size: 0x1ff },
    /size\.bin has 512 bytes; the manifest says 511[\s\S]*release\.image_digest/,
  ],
])("%s is refused, and nothing is signed", async (_, entry, told) => {
  const run = await sign([entry]);
  expect(run.exit).toBe(2);
  expect(run.error).toMatch(told);
});

const asking = (recipe: object) => ({
  schema: 2,
  recipe: { remainder: "discard", profile: "standard", leave: true, ...recipe },
});
const serialAt = (address: string) => ({
  patch: {
    fields: [{ name: "serial", kind: "text", address, length: 8, value: { from: "serial" } }],
  },
});

test.each<[string, readonly Entry[], Readonly<Record<string, unknown>>, RegExp]>([
  ["a chip that no table has", [], { chip: "STM32X999" }, /release\.chip_unknown|No chip class/],
  [
    "images that overlap",
    [{ name: "more.bin", bytes: firmware(0x40), address: FLASH + 0x100 }],
    {},
    /more\.bin and app\.bin overlap at 0x08000100/,
  ],
  ["an option that the chip lacks", [], asking({ expectOptions: { nDBANK: "1" } }), /no option/],
  ["a bank mode that it never has", [], asking({ bankMode: "dual" }), /never is/],
  ["a field beside the image", [], asking(serialAt("0x080F0000")), /serial/],
  ...[
    [{ text: "PSU" }, /has no piece of the serial/],
    [{ text: "{1}" }, /there is no pattern/],
    [{ pattern: "SN(.*)", text: "{2}" }, /has no group 2/],
    [{ pattern: "(?=SN).*" }, /cannot be used/],
  ].map(
    ([rule, message]): [string, readonly Entry[], Readonly<Record<string, unknown>>, RegExp] => [
      `the serial rule ${JSON.stringify(rule)}`,
      [],
      asking({ expectAfterLeave: { serial: { from: "serial", ...(rule as object) } } }),
      message as RegExp,
    ],
  ),
  [
    "a manifest that no server takes",
    [],
    { boardRevisions: ["x".repeat(120)].flatMap((n) => Array.from({ length: 1300 }, () => n)) },
    /bytes; the server takes/,
  ],
])("%s is refused as the server would", async (_what, more, change, message) => {
  const run = await sign([{ name: "app.bin", bytes: firmware() }, ...more], undefined, change);
  expect(run.exit).not.toBe(0);
  expect(run.error).toMatch(message);
});

test("a serial that the release writes itself is said to prove nothing about the label", async () => {
  const serial = { from: "serial", text: "P-{serial}" };
  const expectAfterLeave = { show: "0483:5740", serial, withinSeconds: 5 };
  const own = await sign(
    [{ name: "app.bin", bytes: firmware() }],
    undefined,
    asking({ ...serialAt("0x08000100"), expectAfterLeave }),
  );
  expect([own.exit, own.error]).toEqual([0, expect.stringContaining("swapped are not found")]);
  const kept = await sign(
    [{ name: "app.bin", bytes: firmware() }],
    undefined,
    asking({ expectAfterLeave }),
  );
  expect([kept.exit, kept.error]).toEqual([0, ""]);
});
