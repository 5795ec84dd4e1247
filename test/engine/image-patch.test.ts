import { createHash, createHmac, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { crc32 } from "node:zlib";
import { applyPatches, type EngineEvent, flashUnit, type PatchField } from "@flashline/dfu-core";
import {
  createTranscript,
  recordTransport,
  storedTranscript,
} from "@flashline/dfu-core/transcript";
import { type Fault, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const FIELDS: readonly PatchField[] = [
  { name: "serial", kind: "text", address: BASE + 0x40, length: 16 },
  { name: "key", kind: "bytes", address: BASE + 0x100, length: 16, secret: true },
  { name: "pin", kind: "text", address: BASE + 0x110, length: 12, secret: true },
  {
    name: "crc",
    kind: "crc32",
    address: BASE + 0x120,
    length: 4,
    crc: { from: BASE, to: BASE + 0x120 },
  },
];
/** One letter pair again and again: even a single byte of it that is printed is found. */
const KEY = "c7".repeat(16);
const PIN = "hunter2hunte";
const VALUES = { serial: "SN-0042", key: KEY, pin: PIN };
const DATA = pattern(300);
const patched = () => applyPatches(imageAt(DATA), FIELDS, VALUES);
const fault = (text: string): Fault => parseFault(text).fault;

/** Everything that names the key or the PIN, whole or one byte of the key as this project prints bytes. */
const SPELLINGS = [
  KEY,
  Buffer.from(KEY, "hex").toString("base64").slice(0, 16),
  "199,199",
  "199, 199",
  "0xc7 ",
  "0xc7,",
  "c7 c7",
  PIN,
  Buffer.from(PIN).toString("hex"),
  Buffer.from(PIN).toString("base64").slice(0, 12),
  [...Buffer.from(PIN)].join(","),
];
const leaks = (said: string) =>
  SPELLINGS.filter((spelling) => said.toLowerCase().includes(spelling.toLowerCase()));

describe("per-unit data", () => {
  it("is in the flash of the unit that passed, with the CRC that other tools compute", async () => {
    const { flash, unit, destructive } = bench({ before: pattern(384, 9) });
    const { image, digest } = patched();
    expect(await flash({ image, family: "F4" })).toMatchObject({ outcome: "PASS", bytes: 300 });
    const { data } = unit.flash.read(BASE, 300);
    const held = Buffer.from(data);
    expect(held.subarray(0x40, 0x50).toString()).toBe("SN-0042".padEnd(16, "\0"));
    expect(held.subarray(0x100, 0x110).toString("hex")).toBe(KEY);
    expect(held.readUInt32LE(0x120)).toBe(crc32(held.subarray(0, 0x120)));
    const header = Buffer.alloc(8);
    header.writeUInt32LE(BASE);
    header.writeUInt32LE(300, 4);
    const expected = createHash("sha256").update(header).update(held).digest("hex");
    expect(digest(createHash("sha256"))).toBe(expected);
    expect(destructive).toEqual([]);
  });

  const faults = [
    "stuck=0x08000104/0x40",
    "stuck=0x08000112/0x04",
    "silent-drop",
    "write-protect=2",
    "bit-flip=0.2",
    "lost-data=0.1",
    "stall=0.1",
    "false-target=0.1",
    "unplug=200@100",
    "power-cut=200@100",
  ];
  it.each(faults)("that is secret is in nothing that is said, with %s", async (text) => {
    const said: unknown[] = [];
    const { transport, clock, destructive } = bench({
      faults: [fault(text)],
      before: pattern(384, 9),
      seed: 7,
    });
    const { image, digest } = patched();
    const transcript = createTranscript();
    const report = await flashUnit({
      transport: recordTransport(transport, transcript, clock),
      clock,
      image,
      family: "F4",
      onEvent: (event: EngineEvent) => said.push(event),
    });
    const key = randomBytes(32);
    const digestOf = (bytes: Uint8Array) => createHmac("sha256", key).update(bytes).digest("hex");
    said.push(report, digest(createHash("sha256")), storedTranscript(transcript, digestOf));
    expect(transcript.summary.transfers).toBeGreaterThan(10);
    const all = said.map((part) => `${JSON.stringify(part)}\n${inspect(part, { depth: 12 })}`);
    expect(all.length).toBeGreaterThan(2);
    expect(leaks(all.join("\n"))).toEqual([]);
    expect(destructive).toEqual([]);
  });

  it("that is wrong twice fails the unit without telling what was expected", async () => {
    const { flash } = bench({ faults: [fault("stuck=0x08000104/0x40")] });
    const report = await flash({ image: patched().image, family: "F4" });
    expect(report).toMatchObject({ outcome: "FAIL", address: 0x08000104 });
    expect(report.detail).toMatch(/differs from the per-unit secret/);
  });

  it("as this test looks for it would be found", () => {
    const key = Buffer.from(KEY, "hex");
    const shown = [
      JSON.stringify({ key: [...key] }),
      inspect(new Uint8Array(key)),
      "reads 0xc7, ex",
      PIN,
    ];
    for (const text of shown) expect(leaks(text)).not.toEqual([]);
    expect(leaks(inspect(randomBytes(0)))).toEqual([]);
  });
});
