import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import { parseImage } from "./index.ts";

interface Load {
  readonly type?: number;
  readonly offset?: number;
  readonly virtual?: number;
  readonly physical: number;
  readonly length: number;
}

interface Section {
  readonly type?: number;
  readonly flags?: number;
  readonly address: number;
  /** From the content's first byte. */
  readonly at: number;
  readonly size: number;
}

const CONTENT = 64;

/** ELF32 header, program headers, 64 bytes of content 0, 1, 2 … behind them, and section headers where there are sections. */
function elf(
  loads: readonly Load[],
  changes: readonly (readonly [number, number])[] = [],
  sections: readonly Section[] = [],
) {
  const content = 52 + loads.length * 32;
  const table = content + CONTENT;
  const bytes = new Uint8Array(table + (sections.length === 0 ? 0 : (sections.length + 1) * 40));
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 40, true);
  view.setUint32(24, 0x08000101, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, loads.length, true);
  loads.forEach((load, index) => {
    const at = 52 + index * 32;
    view.setUint32(at, load.type ?? 1, true);
    view.setUint32(at + 4, load.offset ?? content, true);
    view.setUint32(at + 8, load.virtual ?? load.physical, true);
    view.setUint32(at + 12, load.physical, true);
    view.setUint32(at + 16, load.length, true);
    view.setUint32(at + 20, load.length + 100, true);
  });
  for (let index = 0; index < CONTENT; index += 1) bytes[content + index] = index;
  if (sections.length > 0) {
    view.setUint32(32, table, true);
    view.setUint16(46, 40, true);
    view.setUint16(48, sections.length + 1, true);
  }
  sections.forEach(({ type = 1, flags = 2, address, at, size }, index) => {
    const header = table + (index + 1) * 40;
    view.setUint32(header + 4, type, true);
    view.setUint32(header + 8, flags, true);
    view.setUint32(header + 12, address, true);
    view.setUint32(header + 16, content + at, true);
    view.setUint32(header + 20, size, true);
  });
  for (const [at, value] of changes) bytes[at] = value;
  return bytes;
}
const ONE: Load = { physical: 0x08000000, length: 4 };

describe("an ELF file", () => {
  it("gives what is loaded, at physical addresses, as long as the file has content", () => {
    const image = parseImage(
      elf([
        { ...ONE, virtual: 0x20000000 },
        { physical: 0x20000100, length: 0 },
        { type: 0x70000001, physical: 1, length: 8 },
      ]),
    );
    expect(image).toMatchObject({
      format: "elf",
      entry: 0x08000101,
      bytes: 4,
      segments: [{ address: 0x08000000, data: Uint8Array.of(0, 1, 2, 3) }],
      warnings: [
        expect.stringMatching(
          /no section headers: .*\(0x08000000 to 0x08000003\), padding included/,
        ),
      ],
    });
  });

  it("gives its allocated sections with content, where the segment that holds them is stored", () => {
    const segment = { offset: 0, virtual: 0x20000000 - 84, physical: 0x08000000, length: 84 + 20 };
    const image = parseImage(
      elf(
        [segment],
        [],
        [
          { address: 0x20000000, at: 0, size: 4 },
          { address: 0x20000008, at: 8, size: 3 },
          { address: 0x20000010, at: 16, size: 8, type: 8 },
          { address: 0x20000010, at: 16, size: 8, flags: 0 },
          { address: 0x0800f000, at: 40, size: 2 },
        ],
      ),
    );
    expect(image.segments).toEqual([
      { address: 0x08000000 + 84, data: Uint8Array.of(0, 1, 2, 3) },
      { address: 0x08000000 + 92, data: Uint8Array.of(8, 9, 10) },
      { address: 0x0800f000, data: Uint8Array.of(40, 41) },
    ]);
    expect(image.warnings).toEqual([]);
  });

  it("that names no entry has none", () => {
    const noEntry = [24, 25, 26, 27].map((at) => [at, 0] as const);
    expect(parseImage(elf([ONE], noEntry))).not.toHaveProperty("entry");
  });

  it("whose own headers would be flashed is refused, as nothing tells where the program begins", () => {
    const refused = expect.objectContaining({
      code: "image.format",
      address: 0x08000000,
      message: expect.stringMatching(/program header 0 puts the file's own headers to 0x08000000/),
    });
    expect(() => parseImage(elf([{ ...ONE, offset: 0 }]))).toThrow(refused);
    expect(() => parseImage(elf([{ ...ONE, offset: 52 }]))).toThrow(refused);
  });

  it.each([
    ["64 bits", elf([ONE], [[4, 2]]), "image.format", /class at offset 4: got 2, expected 1/],
    ["big endian", elf([ONE], [[5, 2]]), "image.format", /offset 5/],
    ["x86", elf([ONE], [[18, 3]]), "image.format", /machine at offset 18: got 3, expected 40/],
    ["an object file", elf([ONE], [[16, 1]]), "image.format", /object file/],
    ["short headers", elf([ONE], [[42, 31]]), "image.format", /offset 42: got 31/],
    ["headers behind its end", elf([ONE], [[45, 1]]), "image.truncated", /257 program headers/],
    ["content behind its end", elf([{ ...ONE, length: 65 }]), "image.truncated", /header 0 .*65/],
    ["no content", elf([{ ...ONE, type: 2 }]), "image.empty", /PT_LOAD/],
    ["no program headers", elf([]), "image.empty", /PT_LOAD/],
    ["its header only", elf([ONE]).subarray(0, 51), "image.truncated", /51 bytes/],
    ["two contents", elf([ONE, { ...ONE, offset: 120 }]), "image.overlap", /0x08000000/],
    [
      "a section behind its end",
      elf([ONE], [], [{ address: 0, at: 0, size: 4000 }]),
      "image.truncated",
      /section 1 takes 4000/,
    ],
    [
      "no section with content",
      elf([ONE], [], [{ address: 0, at: 0, size: 4, flags: 0 }]),
      "image.empty",
      /no allocated sections/,
    ],
    ["short section headers", elf([ONE], [[32, 1]]), "image.format", /offset 46: got 0/],
    ["data beyond 4 GiB", elf([{ ...ONE, physical: 0xfffffffe }]), "image.format", /4 GiB/],
  ])("with %s is refused", (_, bytes, code, message) => {
    const wanted = { code, message: expect.stringMatching(message) };
    expect(() => parseImage(bytes)).toThrow(expect.objectContaining(wanted));
  });

  it("cannot ask for more memory than it has bytes", () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ physical: index * 4096, length: 60 }));
    expect(() => parseImage(elf(many))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/take 2400 bytes from a file/) }),
    );
  });

  it("with any bytes changed gives an image or one of our errors", () => {
    const sections = [
      { address: 0x08000000, at: 0, size: 4 },
      { address: 0x08001000, at: 0, size: 9 },
    ];
    const whole = elf([ONE, { physical: 0x08001000, length: 9 }], [], sections);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (edits, cut) => {
        const bytes = whole.slice();
        for (const [where, value] of edits) bytes[where] = value;
        try {
          const { bytes: size } = parseImage(bytes.subarray(0, whole.length - (cut % 64)));
          expect(size).toBeLessThanOrEqual(whole.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DfuError);
        }
      }),
    );
  });
});
