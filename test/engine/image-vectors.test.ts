import { readFileSync } from "node:fs";
import { parseImage } from "@flashline/dfu-core";
import { expect, it } from "vitest";

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../vectors/${name}`, import.meta.url)));
const text = (value: string) => Array.from(value, (letter) => letter.charCodeAt(0));

/** What unit.s says, spelled out: stack pointer, reset vector, "b reset", .data behind it; and the far block. */
const PROGRAM = {
  address: 0x0800fffc,
  data: Uint8Array.from([
    ...[0x00, 0x50, 0x00, 0x20, 0x05, 0x00, 0x01, 0x08, 0xfe, 0xe7],
    ...text("runs in RAM"),
  ]),
};
const FAR = { address: 0x0801f801, data: Uint8Array.from(text("calibration")) };

it.each([
  ["unit.elf", "elf", 0x08010004],
  ["unit.hex", "hex", 0x08010004],
  ["unit.srec", "srec", 0x08010004],
  ["unit.dfu", "dfuse", undefined],
])("%s has the program's content", (name, format, entry) => {
  const image = parseImage(read(name));
  expect(image).toMatchObject({ format, warnings: [] });
  expect(image.entry).toBe(entry);
  expect(image.segments).toEqual([PROGRAM, FAR]);
});

/** A stack pointer and a reset vector, as raw firmware begins. */
const RAW = Uint8Array.from([0, 0x50, 0, 0x20, 9, 0, 0, 8, ...text("raw content")]);

it("suffixed.bin has its content and ids, and the suffix is not flashed", () => {
  expect(parseImage(read("suffixed.bin"))).toMatchObject({
    format: "raw",
    segments: [{ address: 0x08000000, data: RAW }],
    target: { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 },
  });
});
