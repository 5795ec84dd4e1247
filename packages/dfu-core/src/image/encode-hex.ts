import type { Image } from "./image.ts";
import { HexType } from "./parse-hex.ts";
import { fileOfLines, hexText, sumOf } from "./records.ts";

/** Data bytes of a line, as objcopy writes them. */
const LINE_BYTES = 16;

/** An Intel HEX file with 32-bit addresses (types 00, 01, 04 and, with an entry, 05). */
export function encodeHex(image: Pick<Image, "segments" | "entry">): Uint8Array {
  const lines: string[] = [];
  let upper = 0;
  for (const { address, data } of image.segments) {
    for (let at = 0; at < data.length; ) {
      const here = address + at;
      if (here >>> 16 !== upper) {
        upper = here >>> 16;
        lines.push(record(HexType.ExtendedLinear, 0, [upper >>> 8, upper & 0xff]));
      }
      const offset = here & 0xffff;
      const length = Math.min(LINE_BYTES, data.length - at, 0x1_0000 - offset);
      lines.push(record(HexType.Data, offset, data.subarray(at, at + length)));
      at += length;
    }
  }
  const { entry } = image;
  if (entry !== undefined && entry !== 0) {
    const bytes = [entry >>> 24, (entry >>> 16) & 0xff, (entry >>> 8) & 0xff, entry & 0xff];
    lines.push(record(HexType.StartLinear, 0, bytes));
  }
  lines.push(record(HexType.EndOfFile, 0, []));
  return fileOfLines(lines);
}

function record(type: number, offset: number, data: ArrayLike<number>): string {
  const bytes = new Uint8Array(data.length + 5);
  bytes.set([data.length, offset >>> 8, offset & 0xff, type]);
  bytes.set(data, 4);
  bytes[bytes.length - 1] = -sumOf(bytes) & 0xff;
  return `:${hexText(bytes)}`;
}
