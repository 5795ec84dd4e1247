import { DfuError, hex32 } from "../errors.ts";
import type { Image, Segment } from "./image.ts";
import { mergeSegments } from "./segments.ts";

/** System V ABI, chapter 4 (object files) and 5 (program header); ELF for the Arm architecture, section 5. */
const HEADER_LENGTH = 52;
const PROGRAM_HEADER_LENGTH = 32;
const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const MACHINE_ARM = 40;
const TYPE_EXECUTABLE = 2;
const TYPE_SHARED = 3;
const PT_LOAD = 1;

export const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

interface Load {
  readonly index: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

/**
 * Reads a linked ELF32 little-endian Arm file: the PT_LOAD program headers, at their physical addresses (p_paddr, where the
 * content is stored; p_vaddr is where it runs) and as long as the file has content for them (p_filesz; .bss has none).
 */
export function parseElf(bytes: Uint8Array): Image {
  const view = checkedHeader(bytes);
  const loads = loadsOf(bytes, view);
  const inFile = loads.reduce((sum, load) => sum + load.length, 0);
  if (inFile > bytes.length) {
    throw new DfuError(
      "image.format",
      `the PT_LOAD program headers take ${inFile} bytes from a file of ${bytes.length}`,
    );
  }
  if (loads.length === 0) {
    throw new DfuError("image.empty", "the ELF file has no PT_LOAD program header with content");
  }
  const segments = loads.map(
    ({ address, offset, length }): Segment => ({
      address,
      data: bytes.slice(offset, offset + length),
    }),
  );
  const merged = mergeSegments(segments);
  const entry = view.getUint32(24, true);
  const warnings = loads
    .filter((load) => load.offset < HEADER_LENGTH)
    .map(
      ({ index, address }) =>
        `program header ${index} puts the ELF file's own header to ${hex32(address)}; link with -n or -z noseparate-code to leave it out`,
    );
  return {
    format: "elf",
    ...merged,
    ...(entry === 0 ? {} : { entry }),
    warnings: [...warnings, ...merged.warnings],
  };
}

function checkedHeader(bytes: Uint8Array): DataView {
  if (bytes.length < HEADER_LENGTH) {
    throw new DfuError("image.truncated", `${bytes.length} bytes, an ELF32 header has 52`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expect = (what: string, offset: number, got: number, expected: number, name: string) => {
    if (got === expected) return;
    throw new DfuError(
      "image.format",
      `ELF ${what} at offset ${offset}: got ${got}, expected ${expected} (${name})`,
    );
  };
  expect("class", 4, view.getUint8(4), CLASS_32, "32 bit");
  expect("data encoding", 5, view.getUint8(5), LITTLE_ENDIAN, "little endian");
  expect("version", 6, view.getUint8(6), 1, "current");
  expect("machine", 18, view.getUint16(18, true), MACHINE_ARM, "Arm");
  const type = view.getUint16(16, true);
  if (type !== TYPE_EXECUTABLE && type !== TYPE_SHARED) {
    throw new DfuError(
      "image.format",
      `ELF type at offset 16: got ${type}, expected 2 (a linked program)${type === 1 ? "; this is an object file" : ""}`,
    );
  }
  return view;
}

function loadsOf(bytes: Uint8Array, view: DataView): readonly Load[] {
  const table = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  if (count === 0) return [];
  if (entrySize < PROGRAM_HEADER_LENGTH) {
    throw new DfuError(
      "image.format",
      `e_phentsize at offset 42: got ${entrySize}, expected 32 or more`,
    );
  }
  if (table + count * entrySize > bytes.length) {
    throw new DfuError(
      "image.truncated",
      `${count} program headers of ${entrySize} bytes at offset ${table}, the file has ${bytes.length} bytes`,
    );
  }
  const loads: Load[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = table + index * entrySize;
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    const offset = view.getUint32(at + 4, true);
    const address = view.getUint32(at + 12, true);
    const length = view.getUint32(at + 16, true);
    if (length === 0) continue;
    if (offset + length > bytes.length) {
      throw new DfuError(
        "image.truncated",
        `program header ${index} at offset ${at} takes ${length} bytes from offset ${offset}, the file has ${bytes.length}`,
        { address },
      );
    }
    loads.push({ index, offset, address, length });
  }
  return loads;
}
