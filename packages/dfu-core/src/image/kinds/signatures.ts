import { ANOTHER_FILE, type FileKind, UNPACK } from "./file-kind.ts";

interface Signature {
  readonly kind: FileKind;
  readonly matches: (bytes: Uint8Array) => boolean;
}

const archive = (name: string): FileKind => ({ name, advice: UNPACK });
const other = (name: string): FileKind => ({ name, advice: ANOTHER_FILE });
const PICTURE = other("a picture");

/** True when the bytes at `at` are these; a string stands for one byte a character. */
function has(bytes: Uint8Array, at: number, wanted: string | readonly number[]): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    const byte = typeof wanted === "string" ? wanted.charCodeAt(index) : wanted[index];
    if (bytes[at + index] !== byte) return false;
  }
  return true;
}

const starts = (kind: FileKind, ...marks: (string | readonly number[])[]): Signature => ({
  kind,
  matches: (bytes) => marks.some((mark) => has(bytes, 0, mark)),
});

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)) >>>
  0;
const half = (bytes: Uint8Array, at: number): number => word(bytes, at) & 0xffff;

/** APPNOTE.TXT, 4.3.16: the end record is the file's last 22 bytes; it is there too when the first bytes are damaged. */
const ZIP_END_LENGTH = 22;
const isZip = (bytes: Uint8Array): boolean =>
  has(bytes, 0, "PK\x03\x04") ||
  has(bytes, 0, "PK\x05\x06") ||
  has(bytes, 0, "PK\x07\x08") ||
  (bytes.length > ZIP_END_LENGTH && has(bytes, bytes.length - ZIP_END_LENGTH, "PK\x05\x06"));

/** RFC 1952: two bytes, the one method there is, and flags of which three bits are reserved. */
const isGzip = (bytes: Uint8Array): boolean =>
  bytes.length >= 10 && has(bytes, 0, [0x1f, 0x8b, 8]) && ((bytes[3] ?? 0xff) & 0xe0) === 0;

/** Two bytes and the number of bits, 9 to 16, that `compress` used. */
function isCompress(bytes: Uint8Array): boolean {
  const flags = bytes[2] ?? 0;
  const bits = flags & 0x1f;
  return has(bytes, 0, [0x1f, 0x9d]) && (flags & 0x60) === 0 && bits >= 9 && bits <= 16;
}

/** One properties byte, a dictionary size that is a power of two, and a length that is unknown or plausible. */
function isLzma(bytes: Uint8Array): boolean {
  const dictionary = word(bytes, 1);
  const length = word(bytes, 9);
  const plausible = length === 0 || (length === 0xffff_ffff && word(bytes, 5) === 0xffff_ffff);
  const isPower = dictionary >= 4096 && (dictionary & (dictionary - 1)) === 0;
  return bytes.length > 13 && bytes[0] === 0x5d && isPower && plausible;
}

const TAR_BLOCK = 512;
const TAR_CHECKSUM = 148;
const TAR_CHECKSUM_LENGTH = 8;

/** POSIX ustar and older: the header's bytes give the sum that it says in octal, its own field counted as blanks. */
function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < TAR_BLOCK || bytes[0] === 0) return false;
  if (has(bytes, 257, "ustar")) return true;
  const field = bytes.subarray(TAR_CHECKSUM, TAR_CHECKSUM + TAR_CHECKSUM_LENGTH);
  const octal = /^ *([0-7]{3,6})[ \0]/.exec(String.fromCharCode(...field))?.[1];
  if (octal === undefined) return false;
  const sum = bytes.subarray(0, TAR_BLOCK).reduce((all, byte) => all + byte, 0);
  const own = field.reduce((all, byte) => all + byte, 0);
  return sum - own + TAR_CHECKSUM_LENGTH * 0x20 === Number.parseInt(octal, 8);
}

/** "MZ", and the header behind it or the sentence that every linker puts there. */
function isWindowsProgram(bytes: Uint8Array): boolean {
  if (!has(bytes, 0, "MZ") || bytes.length < 64) return false;
  const header = word(bytes, 0x3c);
  const stub = String.fromCharCode(...bytes.subarray(0, TAR_BLOCK));
  return has(bytes, header, "PE\0\0") || has(bytes, header, "NE") || stub.includes("DOS mode");
}

/** "BM", reserved zeros, and the size of one of the known headers. */
const isBitmap = (bytes: Uint8Array): boolean =>
  has(bytes, 0, "BM") &&
  word(bytes, 6) === 0 &&
  [12, 40, 52, 56, 108, 124].includes(word(bytes, 14)) &&
  word(bytes, 10) <= bytes.length;

/** An icon has no mark of its own: its first entry must point to data inside the file, behind the entries. */
function isIcon(bytes: Uint8Array): boolean {
  const count = half(bytes, 4);
  const from = word(bytes, 18);
  return (
    (has(bytes, 0, [0, 0, 1, 0]) || has(bytes, 0, [0, 0, 2, 0])) &&
    count >= 1 &&
    count <= 64 &&
    bytes[9] === 0 &&
    from === 6 + 16 * count &&
    word(bytes, 14) > 0 &&
    from + word(bytes, 14) <= bytes.length
  );
}

/** Known by their bytes, in the order in which they are tried. Two bytes alone never decide: raw firmware may begin so. */
const SIGNATURES: readonly Signature[] = [
  { kind: archive("a ZIP archive"), matches: isZip },
  { kind: archive("a gzip file"), matches: isGzip },
  { kind: archive("a file of compress"), matches: isCompress },
  { kind: archive("an LZMA file"), matches: isLzma },
  { kind: archive("a tar archive"), matches: isTar },
  starts(archive("an xz file"), [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
  {
    kind: archive("a bzip2 file"),
    matches: (bytes) =>
      has(bytes, 0, "BZh") &&
      (has(bytes, 4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) ||
        has(bytes, 4, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])),
  },
  starts(archive("a zstd file"), [0x28, 0xb5, 0x2f, 0xfd]),
  starts(archive("a 7z archive"), [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
  starts(archive("a RAR archive"), "Rar!\x1a\x07"),
  starts(archive("an LZ4 file"), [0x04, 0x22, 0x4d, 0x18], [0x02, 0x21, 0x4c, 0x18]),
  starts(archive("an lzip file"), "LZIP"),
  starts(archive("an lzop file"), [0x89, 0x4c, 0x5a, 0x4f]),
  starts(archive("a cabinet archive"), "MSCF\0\0\0\0"),
  starts(archive("an archive of ar (a library or a Debian package)"), "!<arch>\n", "!<thin>\n"),
  starts(archive("a cpio archive"), "070701", "070702", "070707"),
  starts(archive("an RPM package"), [0xed, 0xab, 0xee, 0xdb]),
  {
    kind: archive("an LHA archive"),
    matches: (bytes) => has(bytes, 2, "-lh") && bytes[6] === 0x2d,
  },
  starts(archive("a squashfs file system"), "hsqs"),
  {
    kind: {
      name: "a UF2 file",
      advice: "Its bootloader is another one; use the build's .bin, .hex, .elf or .dfu file.",
    },
    matches: (bytes) => has(bytes, 0, "UF2\n") || has(bytes, 4, [0x57, 0x51, 0x5d, 0x9e]),
  },
  starts(other("a PDF document"), "%PDF-"),
  starts(PICTURE, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "GIF87a", "GIF89a", "8BPS\0"),
  {
    kind: PICTURE,
    matches: (bytes) =>
      has(bytes, 0, [0xff, 0xd8, 0xff]) && (bytes[3] ?? 0) >= 0xc0 && bytes[3] !== 0xff,
  },
  starts(PICTURE, "II*\0", "MM\0*"),
  { kind: PICTURE, matches: isBitmap },
  { kind: PICTURE, matches: isIcon },
  { kind: PICTURE, matches: (bytes) => has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP") },
  { kind: other("a sound or film"), matches: (bytes) => has(bytes, 0, "RIFF") },
  starts(other("a sound or film"), "OggS\0", "ID3\x03", "ID3\x04", "fLaC\0"),
  { kind: other("a film or picture"), matches: (bytes) => has(bytes, 4, "ftyp") },
  { kind: other("a Windows program (PE)"), matches: isWindowsProgram },
  starts(
    other("a Mach-O program or a Java class"),
    [0xfe, 0xed, 0xfa, 0xce],
    [0xfe, 0xed, 0xfa, 0xcf],
    [0xce, 0xfa, 0xed, 0xfe],
    [0xcf, 0xfa, 0xed, 0xfe],
    [0xca, 0xfe, 0xba, 0xbe],
  ),
  starts(other("a WebAssembly program"), "\0asm\x01\0\0\0"),
  starts(other("LLVM bitcode"), [0x42, 0x43, 0xc0, 0xde]),
  starts(other("an Office document"), [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  starts(other("a SQLite database"), "SQLite format 3\0"),
  starts(other("a U-Boot image"), [0x27, 0x05, 0x19, 0x56]),
  starts(other("a device tree"), [0xd0, 0x0d, 0xfe, 0xed]),
  starts(other("a capture file"), [0xd4, 0xc3, 0xb2, 0xa1], [0x0a, 0x0d, 0x0d, 0x0a]),
];

/** The kind of file that these bytes announce; undefined where they announce none that is known here. */
export const kindBySignature = (bytes: Uint8Array): FileKind | undefined =>
  SIGNATURES.find(({ matches }) => matches(bytes))?.kind;
