import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseImage } from "@flashline/dfu-core";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { contentOf, type Layout, layouts, linkerOf, scriptOf, sourceOf } from "./linked-elf.ts";

/** Each run assembles, links and copies: five processes. */
/** At night each run links and copies with programs of their own, beside other work on the two cores. Milliseconds. */
const LONGEST_MS = 1_200_000;
const RUNS = Math.min(500, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 150));

const folder = mkdtempSync(join(tmpdir(), "flashline-links-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, content: string | Uint8Array) =>
  writeFileSync(join(folder, name), content);
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const tool = (name: string, ...words: readonly string[]) =>
  execFileSync(name, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

function link(layout: Layout): void {
  put("content.bin", contentOf(layout));
  put("unit.s", sourceOf(layout));
  put("unit.ld", scriptOf(layout));
  const [linker = "", ...words] = linkerOf(layout);
  tool("arm-none-eabi-as", "-mcpu=cortex-m4", "unit.s", "-o", "unit.o");
  tool(linker, ...words, "-T", "unit.ld", "unit.o", "-o", "unit.elf");
}

function expectWhatObjcopyWrites(): void {
  const { segments } = parseImage(read("unit.elf"));
  for (const [format, file] of [
    ["ihex", "copy.hex"],
    ["srec", "copy.srec"],
  ] as const) {
    tool("arm-none-eabi-objcopy", "-O", format, "unit.elf", file);
    expect(segments).toEqual(parseImage(read(file)).segments);
  }
}

const PLAIN: Layout = {
  linker: "ld",
  headers: "first",
  nmagic: false,
  emptySegment: false,
  stripped: false,
  base: 0x0800_8000,
  seed: 1,
  sections: [
    { kind: "data", size: 30, gap: 0 },
    { kind: "noload", size: 40, gap: 8 },
    { kind: "code", size: 50, gap: 0 },
  ],
};

it.each(["ld", "lld"] as const)(
  "%s: a segment from file offset 0 covers the headers, and they are no content",
  (linker) => {
    link({ ...PLAIN, linker });
    const file = read("unit.elf");
    const view = new DataView(file.buffer);
    const table = view.getUint32(28, true);
    const loads = Array.from({ length: view.getUint16(44, true) }, (_, at) => table + at * 32);
    expect(
      loads.some((at) => view.getUint32(at, true) === 1 && view.getUint32(at + 4, true) === 0),
    ).toBe(true);
    expect(parseImage(file).segments[0]?.address).toBe(0x0800_8000);
    expectWhatObjcopyWrites();
  },
);

it(
  "the content of a linked file is what objcopy writes, whatever the layout",
  () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        link(layout);
        expectWhatObjcopyWrites();
      }),
      { numRuns: RUNS },
    );
  },
  LONGEST_MS,
);
