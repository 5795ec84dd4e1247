/** pcapng (IETF draft-ietf-opsawg-pcapng), the few blocks that are needed; everything little-endian. */
const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const OPTION = { end: 0, comment: 1, application: 4, name: 2 } as const;
const LITTLE_ENDIAN_HERE = 0x1a2b3c4d;
/** The section's length is not known beforehand. */
const UNKNOWN_LENGTH = 0xffff_ffff;
const LINKTYPE_USB_LINUX_MMAPPED = 220;
/** No packet is cut. */
const SNAP_LENGTH = 0x40000;

const padded = (length: number): number => Math.ceil(length / 4) * 4;

/** ASCII; anything else becomes "?". */
const encode = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => {
    const code = letter.charCodeAt(0);
    return code >= 0x20 && code < 0x7f ? code : 0x3f;
  });

function options(given: readonly (readonly [code: number, text: string])[]): Uint8Array {
  if (given.length === 0) return new Uint8Array(0);
  const texts = given.map(([code, text]) => [code, encode(text)] as const);
  const size = texts.reduce((sum, [, text]) => sum + 4 + padded(text.length), 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [code, text] of texts) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + padded(text.length);
  }
  view.setUint32(at, OPTION.end, true);
  return bytes;
}

/** `words` are the fixed part, 32 bits each. */
function block(
  type: number,
  words: readonly number[],
  body: Uint8Array,
  tail: Uint8Array,
): Uint8Array {
  const size = 12 + words.length * 4 + padded(body.length) + tail.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  [type, size, ...words].forEach((word, index) => {
    view.setUint32(index * 4, word >>> 0, true);
  });
  const start = 8 + words.length * 4;
  bytes.set(body, start);
  bytes.set(tail, start + padded(body.length));
  view.setUint32(size - 4, size, true);
  return bytes;
}

const NOTHING = new Uint8Array(0);

/** Section header: version 1.0. */
export const sectionBlock = (application: string): Uint8Array =>
  block(
    BLOCK.section,
    [LITTLE_ENDIAN_HERE, 1, UNKNOWN_LENGTH, UNKNOWN_LENGTH],
    NOTHING,
    options([[OPTION.application, application]]),
  );

/** Times are in microseconds, which is the format's default. */
export const interfaceBlock = (name: string): Uint8Array =>
  block(
    BLOCK.interface,
    [LINKTYPE_USB_LINUX_MMAPPED, SNAP_LENGTH],
    NOTHING,
    options([[OPTION.name, name]]),
  );

export function packetBlock(packet: Uint8Array, atUs: number, comment = ""): Uint8Array {
  const high = Math.floor(atUs / 0x1_0000_0000);
  const words = [0, high, atUs % 0x1_0000_0000, packet.length, packet.length];
  return block(
    BLOCK.packet,
    words,
    packet,
    options(comment === "" ? [] : [[OPTION.comment, comment]]),
  );
}
