// A bootloader on ST's USB Device Library: what one and two lost data stages do to it, wherever they fall.
import { parseImage } from "@flashline/dfu-core";
import { encodeDfuse } from "@flashline/dfu-core/image";
import {
  definePart,
  type Fault,
  LIBRARY,
  nth,
  type Part,
  partByName,
  ROM,
} from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import { bench, expectNothingUnasked, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const partListing = (commands: readonly number[], library: "acknowledges" | "hangs") =>
  definePart({
    family: "F4",
    sectors: [[6, 64]],
    transferSize: 32,
    alternates: ["@Internal Flash   /0x08000000/2*64 a,4*64 g"],
    usb: { product: "Motor drive DFU" },
    rom: { ...LIBRARY, library, commands, defaultPointer: BASE + 128 },
  });
const BEFORE = pattern(384, 9);
/** Sectors 2 and 4; the bootloader and what lies between and behind belong to somebody else. */
const SEGMENTS = [128, 256].map((offset) => ({
  address: BASE + offset,
  data: new Uint8Array(64).fill(0x5a),
}));
const image = parseImage(encodeDfuse(SEGMENTS));

async function flashLosing(part: Part, faults: readonly Fault[], profile: "fast" | "gentle") {
  const { flash, unit } = bench({ part, faults, before: BEFORE });
  const report = await flash({ image, family: "F4", profile });
  const now = unit.flash.snapshot();
  for (const [from, to] of [
    [0, 128],
    [192, 256],
    [320, 384],
  ] as const) {
    expect(now.subarray(from, to)).toEqual(BEFORE.slice(from, to));
  }
  if (report.outcome === "PASS") {
    for (const { address, data } of SEGMENTS) {
      expect(now.subarray(address - BASE, address - BASE + data.length)).toEqual(data);
    }
  }
  return report;
}

const lost = (n: number): Fault => ({ kind: "lost-data", trigger: nth(n) });

/** The n-th data stage is lost: each one at night, else every fourth. */
const STEP = NIGHTLY ? 1 : 4;
/** Also where it lists Read Unprotect as a ROM does, and takes what is no command all the same. */
const LISTS = [
  ["as the library does", partListing(LIBRARY.commands, "acknowledges")],
  ["as a ROM does", partListing(ROM.commands, "acknowledges")],
  ["as a ROM does, and hangs at what is no command", partListing(ROM.commands, "hangs")],
] as const;
const CASES = LISTS.flatMap(([title, part]) =>
  (["fast", "gentle"] as const).map((profile) => ({ title, part, profile })),
);

describe.each(CASES)(
  "$profile, lists commands $title",
  { timeout: 60_000 },
  ({ part, profile }) => {
    it("flashes a sound one, byte for byte the same at both places", async () => {
      const report = await flashLosing(part, [], profile);
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    });

    it("passes whatever data stage is lost, and changes nothing beside the image", async () => {
      for (let first = 1; first <= 40; first += STEP) {
        const report = await flashLosing(part, [lost(first)], profile);
        expect(report.outcome).toBe("PASS");
      }
    });

    it("changes nothing beside the image when two are lost that lie near each other", async () => {
      for (let first = 1; first <= 40; first += STEP) {
        for (let next = 1; next <= 2; next += 1) {
          await flashLosing(part, [lost(first), lost(next + first)], profile);
        }
      }
    });
  },
);

it.each(["library", "library-2"])(
  "flashes the part %s of the simulator behind its bootloader",
  async (name) => {
    const product = partByName(name);
    const bootloader = pattern(48 * 1024, 3);
    const { flash, unit } = bench({ part: product, before: bootloader });
    const content = pattern(40_000);
    const report = await flash({ image: imageAt(content, BASE + bootloader.length) });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    const now = unit.flash.snapshot();
    expect(Buffer.compare(now.subarray(0, bootloader.length), bootloader)).toBe(0);
    expect(
      Buffer.compare(now.subarray(bootloader.length, bootloader.length + content.length), content),
    ).toBe(0);
    expect(unit.illegal).toEqual([]);
    expectNothingUnasked(unit, []);
  },
);

it("asks a device without a ROM's name once a run, which is all that a ROM by another name pays", async () => {
  const rom = (product: string) =>
    definePart({ family: "F4", sectors: [[6, 64]], transferSize: 32, usb: { product } });
  const transfersOf = async (product: string) => {
    const { flash, unit } = bench({ part: rom(product), before: BEFORE });
    const report = await flash({ image, family: "F4", profile: "fast" });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    return { transfers: report.transfers, illegal: unit.illegal };
  };
  const known = await transfersOf("STM32  BOOTLOADER");
  const unknown = await transfersOf("Some clone");
  expect(known.illegal).toEqual([]);
  expect(unknown.illegal).toEqual(["command.unknown: 0 of 5 bytes"]);
  // DNLOAD, two GETSTATUS and CLRSTATUS; the ABORT after Get Commands is sent to both.
  expect(unknown.transfers - known.transfers).toBe(4);
});
