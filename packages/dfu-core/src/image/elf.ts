import { DfuError, hex32 } from "../errors.ts";
import {
  type ProgramHeader,
  type StoredPiece,
  sectionsOf,
  storedSections,
} from "./elf-sections.ts";
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

/**
 * Reads a linked ELF32 little-endian Arm file: what objcopy would write, the bytes of its allocated sections at their load
 * addresses (p_paddr, where content is stored; p_vaddr is where it runs). ELF headers and padding are never content. A file
 * without section headers gives the content of its PT_LOAD segments, with a warning, unless one of them covers the ELF
 * file's own headers: then nothing tells where the program begins, and it is refused.
 */
export function parseElf(bytes: Uint8Array): Image {
  const view = checkedHeader(bytes);
  const headers = programHeaders(bytes, view);
  const sections = sectionsOf(bytes, view);
  const pieces =
    sections.length > 0 ? storedSections(sections, headers) : storedSegments(headers, view);
  const what = sections.length > 0 ? "allocated sections" : "PT_LOAD program headers";
  for (const piece of pieces) checkInside(piece, bytes.length);
  const inFile = pieces.reduce((sum, { length }) => sum + length, 0);
  if (inFile > bytes.length) {
    throw new DfuError(
      "image.format",
      `the ${what} take ${inFile} bytes from a file of ${bytes.length}`,
    );
  }
  if (pieces.length === 0) {
    throw new DfuError("image.empty", `the ELF file has no ${what} with content`);
  }
  const merged = mergeSegments(
    pieces.map(
      ({ address, offset, length }): Segment => ({
        address,
        data: bytes.slice(offset, offset + length),
      }),
    ),
  );
  const entry = view.getUint32(24, true);
  return {
    format: "elf",
    ...merged,
    ...(entry === 0 ? {} : { entry }),
    warnings: [...(sections.length > 0 ? [] : [segmentNote(pieces)]), ...merged.warnings],
  };
}

/** At most as many ranges as a person reads. */
const MOST_NAMED = 8;

function segmentNote(pieces: readonly StoredPiece[]): string {
  const ranges = pieces
    .slice(0, MOST_NAMED)
    .map(({ address, length }) => `${hex32(address)} to ${hex32(address + length - 1)}`);
  const more = pieces.length - ranges.length;
  const list = [...ranges, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  return `the ELF file has no section headers: the whole content of its segments was taken (${list}), padding included`;
}

function checkInside({ name, offset, length, address }: StoredPiece, fileBytes: number): void {
  if (offset + length <= fileBytes) return;
  throw new DfuError(
    "image.truncated",
    `${name} takes ${length} bytes from offset ${offset}, the file has ${fileBytes}`,
    { address },
  );
}

/** The segments' content, when none of it is the ELF file's own headers. */
function storedSegments(headers: readonly ProgramHeader[], view: DataView): readonly StoredPiece[] {
  const loads = headers.filter(({ type, inFile }) => type === PT_LOAD && inFile > 0);
  const table = view.getUint32(28, true);
  const own = [
    { from: 0, to: HEADER_LENGTH },
    { from: table, to: table + view.getUint16(44, true) * view.getUint16(42, true) },
  ];
  const covering = loads.find(({ offset, inFile }) =>
    own.some(({ from, to }) => offset < to && from < offset + inFile),
  );
  if (covering !== undefined) {
    throw new DfuError(
      "image.format",
      `the ELF file has no section headers, and program header ${covering.index} puts the file's own headers to ${hex32(covering.physical)}: nothing tells where the program begins. Use the file before its section headers were stripped, or the build's HEX file.`,
      { address: covering.physical },
    );
  }
  return loads.map(({ index, at, offset, physical, inFile }) => ({
    name: `program header ${index} at offset ${at}`,
    offset,
    address: physical,
    length: inFile,
  }));
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

function programHeaders(bytes: Uint8Array, view: DataView): readonly ProgramHeader[] {
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
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    return {
      index,
      at,
      type: view.getUint32(at, true),
      offset: view.getUint32(at + 4, true),
      virtual: view.getUint32(at + 8, true),
      physical: view.getUint32(at + 12, true),
      inFile: view.getUint32(at + 16, true),
      inMemory: view.getUint32(at + 20, true),
    };
  });
}
