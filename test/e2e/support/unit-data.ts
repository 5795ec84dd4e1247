import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { FIRMWARE_ADDRESS } from "./plant.ts";

const SERIAL_AT = 0x2000;
const NUMBER_AT = 0x2020;
const MAC_AT = 0x2030;
const VARIANT_AT = 0x2040;
const KEY_AT = 0x2050;

const field = (name: string, kind: string, at: number, length: number, value: object) => ({
  name,
  kind,
  length,
  value,
  address: `0x${(FIRMWARE_ADDRESS + at).toString(16).padStart(8, "0")}`,
});
export const PATCH = {
  fields: [
    field("serial", "text", SERIAL_AT, 16, { from: "serial" }),
    { ...field("number", "uint", NUMBER_AT, 4, { from: "range", range: "number" }), endian: "big" },
    field("mac", "bytes", MAC_AT, 6, { from: "range", range: "mac" }),
    field("variant", "text", VARIANT_AT, 8, { from: "given" }),
    { ...field("key", "bytes", KEY_AT, 16, { from: "given" }), secret: true },
  ],
};

/** Of one unit; no byte of it is in an image or in another unit's. */
export const keyOf = (serial: string): string => Buffer.from(`k${serial}key!!`).toString("hex");

export interface Given {
  readonly number: number;
  readonly mac: number;
}

/** What the unit must hold: made here byte by byte, by nothing of the product. */
export function expectedFlash(image: Buffer, serial: string, { number, mac }: Given): Buffer {
  const flash = Buffer.from(image);
  flash.fill(0, SERIAL_AT, SERIAL_AT + 16).write(serial, SERIAL_AT, "ascii");
  flash.writeUInt32BE(number, NUMBER_AT);
  flash.writeUIntBE(mac, MAC_AT, 6);
  flash.fill(0, VARIANT_AT, VARIANT_AT + 8).write("EU-16A", VARIANT_AT, "ascii");
  Buffer.from(keyOf(serial), "hex").copy(flash, KEY_AT);
  return flash;
}

/** Where the flash differs from what it must begin with; -1: nowhere. */
export const firstDifference = (flash: Buffer, wanted: Buffer): number =>
  wanted.findIndex((byte, at) => byte !== flash[at]);

/** Neither as bytes nor in hexadecimal: in no file of server and stations in `folder` but the units' own flash, and in no log. */
export async function noSecretOf(
  serials: readonly string[],
  folder: string,
  logs: readonly string[],
): Promise<void> {
  const secrets = serials.flatMap((serial) => [
    Buffer.from(keyOf(serial), "hex"),
    Buffer.from(keyOf(serial)),
  ]);
  for (const log of logs) {
    for (const secret of secrets) expect(Buffer.from(log).includes(secret)).toBe(false);
  }
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes("/dump-")) continue;
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (secrets.some((secret) => bytes.includes(secret))) found.push(path);
  }
  expect(found).toEqual([]);
}
