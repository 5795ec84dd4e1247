import { DfuError } from "../errors.ts";

const SECTION_HEADER_LENGTH = 40;
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const SHF_TLS = 0x400;
const PT_LOAD = 1;
const PT_TLS = 7;

/** A program header, as far as it matters here. */
export interface ProgramHeader {
  readonly index: number;
  /** Offset of the header itself. */
  readonly at: number;
  readonly type: number;
  readonly offset: number;
  readonly virtual: number;
  readonly physical: number;
  /** Bytes in the file. */
  readonly inFile: number;
  /** Bytes in memory. */
  readonly inMemory: number;
}

/** A piece of the file, and where it is stored. */
export interface StoredPiece {
  /** "section 3", for messages. */
  readonly name: string;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

interface Section {
  readonly index: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** The sections of a file; none when it has no section headers. */
export function sectionsOf(bytes: Uint8Array, view: DataView): readonly Section[] {
  const table = view.getUint32(32, true);
  const entrySize = view.getUint16(46, true);
  if (table === 0) return [];
  if (entrySize < SECTION_HEADER_LENGTH) {
    throw new DfuError(
      "image.format",
      `e_shentsize at offset 46: got ${entrySize}, expected 40 or more`,
    );
  }
  const announced = view.getUint16(48, true);
  // From 0xff00 sections on, the first header's size counts them (System V ABI, chapter 4).
  const extended = announced === 0 && table + SECTION_HEADER_LENGTH <= bytes.length;
  const count = extended ? view.getUint32(table + 20, true) : announced;
  if (table + count * entrySize > bytes.length) {
    throw new DfuError(
      "image.truncated",
      `${count} section headers of ${entrySize} bytes at offset ${table}, the file has ${bytes.length} bytes`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    return {
      index,
      type: view.getUint32(at + 4, true),
      flags: view.getUint32(at + 8, true),
      address: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      size: view.getUint32(at + 20, true),
    };
  }).filter(({ type }) => type !== SHT_NULL);
}

/**
 * What objcopy of GNU binutils writes: the bytes of every allocated section that has content, at its load address. That is
 * taken from the segment that holds the section, as BFD does in `_bfd_elf_make_section_from_shdr`; a section in no segment
 * is stored where it runs.
 */
export function storedSections(
  sections: readonly Section[],
  headers: readonly ProgramHeader[],
): readonly StoredPiece[] {
  const addressed = hasPhysicalAddresses(headers);
  return sections
    .filter(({ flags, type, size }) => (flags & SHF_ALLOC) !== 0 && type !== SHT_NOBITS && size > 0)
    .map((section) => ({
      name: `section ${section.index}`,
      offset: section.offset,
      length: section.size,
      address: addressed ? loadAddress(section, headers) : section.address,
    }));
}

/** Some linkers leave p_paddr 0 in all of several segments: it means nothing then. */
function hasPhysicalAddresses(headers: readonly ProgramHeader[]): boolean {
  if (headers.some(({ physical }) => physical !== 0)) return true;
  return headers.filter(({ type, inMemory }) => type === PT_LOAD && inMemory > 0).length <= 1;
}

function loadAddress(section: Section, headers: readonly ProgramHeader[]): number {
  const holder = headers.find((header) => holds(header, section));
  if (holder === undefined) return section.address;
  return (holder.physical + section.offset - holder.offset) >>> 0;
}

/** ELF_SECTION_IN_SEGMENT of BFD for a section with content: in the segment's bytes, and in its memory. */
function holds(header: ProgramHeader, { flags, address, offset, size }: Section): boolean {
  const kind = header.type === PT_TLS || (header.type === PT_LOAD && (flags & SHF_TLS) === 0);
  return (
    kind &&
    offset >= header.offset &&
    offset - header.offset + size <= header.inFile &&
    address >= header.virtual &&
    address - header.virtual + size <= header.inMemory
  );
}
