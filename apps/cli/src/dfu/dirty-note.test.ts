import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DfuRequest, type DfuTransport } from "@flashline/dfu-core/protocol";
import type { AttachedUnit } from "@flashline/usb-host";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  downloads,
  EVERYTHING,
  noteName,
  openNote,
  overlaps,
  type Range,
  without,
} from "./dirty-note.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flashline-note-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unit = (more: Partial<AttachedUnit> = {}): AttachedUnit => ({
  portPath: "3-1.2",
  vendorId: 0x0483,
  productId: 0xdf11,
  bcdDevice: 0x2200,
  serial: "377C35563337",
  product: "",
  deviceNumber: 7,
  virtual: false,
  host: {
    machine: "0123456789abcdef",
    controller: { pciAddress: "", vendorDevice: "", driver: "", kind: "xhci" },
    hubs: [],
    portPath: "3-1.2",
    speed: "full",
    os: "",
  },
  ...more,
});

const silent = (sentence: string) => {
  throw new RangeError(sentence);
};
const SECTOR: Range = { address: 0x0800_0000, length: 2048 };
const NEXT: Range = { address: 0x0800_0800, length: 2048 };
const ERASE = Uint8Array.of(0x41, 0, 0, 0, 8);
const SET_ADDRESS = Uint8Array.of(0x21, 0, 0, 0, 8);

/** A transport of which only what is sent matters. */
function transportTo(sent: (data: Uint8Array) => void): DfuTransport {
  const nothing = () => Promise.reject(new RangeError("not expected"));
  return {
    descriptors: {
      vendorId: 0,
      productId: 0,
      bcdDevice: 0,
      bcdUsb: 0,
      serial: "",
      product: "",
      manufacturer: "",
      interfaceNumber: 0,
      alternates: [],
      functional: undefined,
    },
    controlOut: async (_request, _value, data) => sent(data),
    controlIn: nothing,
    selectAlternate: nothing,
    reset: nothing,
    reenumerate: nothing,
    close: () => Promise.resolve(),
  };
}

describe("the note of a unit", () => {
  it("is on the disk before the first erase, not before; and goes when all of it is finished", async () => {
    const environment = { XDG_STATE_HOME: join(folder, "state") };
    const kept = join(folder, "state", "flashline", "dirty");
    const note = await openNote(unit(), undefined, silent, environment);
    expect(note.ranges).toEqual([]);
    const seen: number[] = [];
    const transport = note.guard(
      transportTo(() => {
        let count = 0;
        try {
          count = readdirSync(kept).length;
        } catch {
          // No folder, no note.
        }
        seen.push(count);
      }),
      () => [SECTOR, NEXT],
    );
    await transport.controlOut(DfuRequest.Dnload, 0, SET_ADDRESS, 100);
    await transport.controlOut(DfuRequest.ClrStatus, 0, new Uint8Array(), 100);
    await transport.controlOut(DfuRequest.Dnload, 0, ERASE, 100);
    expect(seen).toEqual([0, 0, 1]);
    const again = await openNote(unit({ portPath: "5-1" }), undefined, silent, environment);
    expect(again.ranges).toEqual([SECTOR, NEXT]);
    expect(
      (await openNote(unit({ serial: "other" }), undefined, silent, environment)).ranges,
    ).toEqual([]);
    await again.finished([SECTOR]);
    expect((await openNote(unit(), undefined, silent, environment)).ranges).toEqual([NEXT]);
    await again.finished([NEXT]);
    expect(readdirSync(kept)).toEqual([]);
  });

  it("that cannot be understood puts the whole unit in doubt", async () => {
    const environment = { XDG_STATE_HOME: join(folder, "torn") };
    const note = await openNote(unit(), undefined, silent, environment);
    await note
      .guard(
        transportTo(() => undefined),
        () => [SECTOR],
      )
      .controlOut(1, 0, ERASE, 100);
    const kept = join(folder, "torn", "flashline", "dirty");
    for (const name of readdirSync(kept)) writeFileSync(join(kept, name), '{"unit":');
    expect((await openNote(unit(), undefined, silent, environment)).ranges).toEqual(EVERYTHING);
  });

  it("of a device without addresses is there before its first data, which come as block 0", async () => {
    const environment = { XDG_STATE_HOME: join(folder, "plain") };
    const note = await openNote(unit(), undefined, silent, environment);
    const seen: number[] = [];
    const kept = join(folder, "plain", "flashline", "dirty");
    const transport = note.guard(
      transportTo(() => seen.push(existsSync(kept) ? readdirSync(kept).length : 0)),
      () => EVERYTHING,
      downloads,
    );
    const none = new Uint8Array();
    await transport.controlOut(DfuRequest.Dnload, 0, none, 100);
    await transport.controlOut(DfuRequest.Dnload, 0, SET_ADDRESS, 100);
    expect(seen).toEqual([0, 1]);
    expect((await openNote(unit(), undefined, silent, environment)).ranges).toEqual(EVERYTHING);
  });

  it("that cannot be kept is said once, and nothing else fails for it", async () => {
    writeFileSync(join(folder, "file"), "");
    const said: string[] = [];
    const environment = { XDG_STATE_HOME: join(folder, "file") };
    const note = await openNote(unit(), undefined, (text) => said.push(text), environment);
    const sent: Uint8Array[] = [];
    const transport = note.guard(
      transportTo((data) => sent.push(data)),
      () => [SECTOR],
    );
    await transport.controlOut(DfuRequest.Dnload, 0, ERASE, 100);
    await transport.controlOut(DfuRequest.Dnload, 2, new Uint8Array(8), 100);
    await note.finished([SECTOR]);
    expect(sent).toHaveLength(2);
    expect(said).toEqual([expect.stringMatching(/^No note can be kept .*--dirty/)]);
  });

  it("names a unit by its serial, and by machine and port where many share it", () => {
    expect(noteName(unit(), undefined)).toBe(noteName(unit({ portPath: "9-9" }), undefined));
    const shared = (portPath: string) =>
      noteName(unit({ serial: "FFFFFFFEFFFF", portPath }), undefined);
    expect(shared("3-1")).not.toBe(shared("3-2"));
    expect(shared("3-1")).toContain("0123456789abcdef");
  });
});

describe("ranges", () => {
  const range = fc.record({
    address: fc.integer({ min: 0, max: 40 }),
    length: fc.integer({ min: 1, max: 20 }),
  });
  const cellsOf = (ranges: readonly Range[]) =>
    new Set(
      ranges.flatMap(({ address, length }) => Array.from({ length }, (_, at) => address + at)),
    );

  it("leave out exactly the bytes that are taken, and overlap where they share one", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.array(range, { maxLength: 4 }), (a, b) => {
        const [all, taken] = [cellsOf(a), cellsOf(b)];
        const left = [...all].filter((cell) => !taken.has(cell));
        expect([...cellsOf(without(a, b))].sort()).toEqual(left.sort());
        expect(overlaps(a, b)).toBe(left.length < all.size);
      }),
    );
  });
});
