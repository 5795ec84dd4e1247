import { ANOTHER_FILE, type FileKind } from "./file-kind.ts";

/** How far content is looked at. */
const SAMPLE_BYTES = 4096;
const RECORD_SAMPLE_BYTES = 65_536;
/** A text may be damaged: so much of it may be control characters. Code and data have several times as many. */
const MOST_CONTROLS = 0.05;
/** Letters of older 8-bit encodings. */
const MOST_HIGH = 0.3;
/** In a short text a few bytes exceed that share: one byte in eight is allowed, and at most three. */
const LEAST_DAMAGED = 8;
const MOST_DAMAGED = 3;
/** A file whose bytes are this much digits, colons and line ends is records, however damaged. Other content has a tenth. */
const LEAST_RECORD_SHARE = 0.6;
const LEAST_RECORD_BYTES = 16;

interface Text {
  readonly text: string;
  /** What an editor made of it; undefined for plain ASCII or UTF-8. */
  readonly encoding?: string;
}

const BOM_8 = [0xef, 0xbb, 0xbf];
const begins = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);

const latin = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

/** White space, and the escape and end-of-file characters that terminals and old systems put into text. */
const isControl = (byte: number): boolean =>
  (byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b].includes(byte)) || byte === 0x7f;

/** How many characters of a text may be damaged. */
function damageAllowed(length: number): number {
  const few = Math.min(MOST_DAMAGED, Math.floor(length / LEAST_DAMAGED));
  return Math.max(few, Math.floor(length * MOST_CONTROLS));
}

/** True when the bytes are text of one byte a character, or UTF-8, some of it possibly damaged. */
function isTextual(bytes: Uint8Array): boolean {
  const [first] = bytes;
  // One byte repeated is padding and not text.
  if (first === undefined || bytes.every((byte) => byte === first)) return false;
  const controls = bytes.reduce((sum, byte) => sum + (isControl(byte) ? 1 : 0), 0);
  if (controls > damageAllowed(bytes.length)) return false;
  return bytesOutsideUtf8(bytes) <= bytes.length * MOST_HIGH;
}

/** Bytes above 0x7f that belong to no sequence of UTF-8 (RFC 3629). */
function bytesOutsideUtf8(bytes: Uint8Array): number {
  let outside = 0;
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const more =
      lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    const tail = bytes.subarray(at + 1, at + 1 + Math.max(0, more));
    const whole = more >= 0 && tail.every((byte) => (byte & 0xc0) === 0x80);
    if (!whole) outside += 1;
    at += whole ? more + 1 : 1;
  }
  return outside;
}

/** The letters of UTF-16 text; what is not ASCII becomes "x". Undefined when hardly any of it is ASCII. */
function lettersOfUtf16(bytes: Uint8Array, little: boolean): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units = Array.from({ length: bytes.length >>> 1 }, (_, index) =>
    view.getUint16(index * 2, little),
  ).filter((unit) => unit !== 0);
  const ascii = units.filter((unit) => unit < 0x80).length;
  if (ascii === 0 || ascii * 2 < units.length) return undefined;
  const letters = Uint8Array.from(units, (unit) => (unit < 0x80 ? unit : 0x78));
  return isTextual(letters) ? letters : undefined;
}

/** Text of 2 or 4 bytes a character, all but one of them 0, some of it possibly damaged. */
function isWide(bytes: Uint8Array, width: 2 | 4, phase: number): boolean {
  if (bytes.length < 8 * width) return false;
  const whole = bytes.subarray(0, bytes.length - (bytes.length % width));
  const strays = whole.reduce(
    (sum, byte, index) => sum + (index % width !== phase && byte !== 0 ? 1 : 0),
    0,
  );
  return (
    strays <= damageAllowed(whole.length / width) &&
    isTextual(whole.filter((_, index) => index % width === phase))
  );
}

const PHASES: readonly (readonly [2 | 4, number, string])[] = [
  [2, 0, "UTF-16"],
  [2, 1, "UTF-16"],
  [4, 0, "UTF-32"],
  [4, 3, "UTF-32"],
];

/** The content as text, or undefined when it is not text. */
function readText(bytes: Uint8Array): Text | undefined {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (begins(bytes, BOM_8)) {
    return isTextual(sample)
      ? { text: latin(sample.subarray(BOM_8.length)), encoding: "UTF-8 with a byte-order mark" }
      : undefined;
  }
  const littleMark = begins(bytes, [0xff, 0xfe]);
  if (littleMark || begins(bytes, [0xfe, 0xff])) {
    const letters = lettersOfUtf16(sample.subarray(2), littleMark);
    if (letters !== undefined) return { text: latin(letters), encoding: "UTF-16" };
  }
  const wide = PHASES.find(([width, phase]) => isWide(sample, width, phase));
  if (wide !== undefined) {
    const [width, phase, encoding] = wide;
    return { text: latin(sample.filter((_, index) => index % width === phase)), encoding };
  }
  return isTextual(sample) ? { text: latin(sample) } : undefined;
}

const MARKUP: readonly (readonly [RegExp, FileKind])[] = [
  [
    /^version https:\/\/git-lfs/,
    {
      name: "a pointer of Git LFS, and not the file that it stands for",
      advice: "Fetch the file itself with: git lfs pull",
    },
  ],
  [
    /^<(!doctype\s+html|html|head|body)\b/i,
    {
      name: "a web page (HTML)",
      advice: "Download the file itself, and not the page that shows it.",
    },
  ],
  [/^(<\?xml|<!--|<!doctype|<[a-z][\w:.-]*[\s>/])/i, { name: "XML", advice: ANOTHER_FILE }],
  [/^[{[]\s*(["{[\]}\d-]|true|false|null)/, { name: "JSON", advice: ANOTHER_FILE }],
  [/^HTTP\/[12]/, { name: "a web server's answer", advice: "Download the file again." }],
  [/^#!\s*\//, { name: "a script", advice: ANOTHER_FILE }],
  [/^\{\\rtf|^%!PS/, { name: "a document", advice: ANOTHER_FILE }],
  [/^-----BEGIN /, { name: "a key or certificate (PEM)", advice: ANOTHER_FILE }],
];

/** Text that says at its beginning what it is. Also found where binary content follows, as in a script that unpacks itself. */
export function kindByMarkup(bytes: Uint8Array): FileKind | undefined {
  const head = latin(bytes.subarray(begins(bytes, BOM_8) ? BOM_8.length : 0, 512)).trimStart();
  return MARKUP.find(([pattern]) => pattern.test(head))?.[1];
}

const RECORD_NAMES: readonly (readonly [RegExp, string])[] = [
  [/:[0-9a-f]{10}/i, "Intel HEX"],
  [/(^|[^0-9a-z])S[0-9][0-9a-f]{8}/i, "S-record"],
];
/** A terminal's control sequences (ECMA-48, 5.4). */
const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;?]*[a-z]`, "gi");
const SAVE_AGAIN = "Use the file as the build made it: plain ASCII, one record a line.";

function recordText({ text, encoding }: Text): FileKind | undefined {
  const plain = text.replace(COLOUR, "");
  const format = RECORD_NAMES.find(([record]) => record.test(plain))?.[1];
  if (format === undefined) return undefined;
  const found =
    encoding !== undefined
      ? `in ${encoding}`
      : plain !== text
        ? "with a terminal's colour sequences in it"
        : /^\s*\S+\s*$/.test(text)
          ? "whose records are all on one line"
          : "that is damaged, or has other text before its first record";
  return { name: `${format} text ${found}`, advice: SAVE_AGAIN };
}

/** True when most bytes are those that records and hexadecimal dumps are made of. */
function looksLikeDigits(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, RECORD_SAMPLE_BYTES);
  if (sample.length < LEAST_RECORD_BYTES) return false;
  const [first] = sample;
  if (sample.every((byte) => byte === first)) return false;
  const digits = sample.reduce((sum, byte) => sum + (isRecordByte(byte) ? 1 : 0), 0);
  return digits >= sample.length * LEAST_RECORD_SHARE;
}

const isRecordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x3a) ||
  (byte >= 0x41 && byte <= 0x46) ||
  (byte >= 0x61 && byte <= 0x66) ||
  byte === 0x53 ||
  byte === 0x0a ||
  byte === 0x0d;

/** The kind of text; undefined when the content is not text. */
export function kindOfText(bytes: Uint8Array): FileKind | undefined {
  const text = readText(bytes);
  if (text === undefined) {
    return looksLikeDigits(bytes)
      ? { name: "damaged HEX or S-record text", advice: SAVE_AGAIN }
      : undefined;
  }
  const decoded = Uint8Array.from(text.text, (letter) => letter.charCodeAt(0));
  const { encoding } = text;
  return (
    kindByMarkup(decoded) ??
    recordText(text) ?? {
      name: encoding === undefined ? "text" : `text in ${encoding}`,
      advice: ANOTHER_FILE,
    }
  );
}
