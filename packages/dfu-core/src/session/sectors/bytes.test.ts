import fc from "fast-check";
import { expect, test } from "vitest";
import { consistsOf, equalBytes } from "./bytes.ts";

/** A stretch of a larger buffer, at any offset. */
const stretch = fc
  .record({ bytes: fc.uint8Array({ maxLength: 40 }), offset: fc.nat({ max: 7 }) })
  .map(({ bytes, offset }) => {
    const memory = new Uint8Array(bytes.length + offset + 3).fill(0x5a);
    memory.set(bytes, offset);
    return memory.subarray(offset, offset + bytes.length);
  });

test("bytes are equal when each of them is, wherever they lie", () => {
  fc.assert(
    fc.property(stretch, fc.nat({ max: 7 }), fc.nat(), (bytes, offset, where) => {
      const memory = new Uint8Array(bytes.length + offset + 3).fill(0xa5);
      const copy = memory.subarray(offset, offset + bytes.length);
      copy.set(bytes);
      expect(equalBytes(bytes, copy)).toBe(true);
      expect(equalBytes(bytes, memory.subarray(offset, offset + bytes.length + 1))).toBe(false);
      if (bytes.length === 0) return;
      const at = where % bytes.length;
      copy[at] = (copy[at] ?? 0) ^ (1 << (where % 8));
      expect(equalBytes(bytes, copy)).toBe(false);
    }),
  );
});

test("one other byte anywhere is seen", () => {
  fc.assert(
    fc.property(stretch, fc.nat({ max: 255 }), fc.nat(), (bytes, value, where) => {
      bytes.fill(value);
      expect(consistsOf(bytes, value)).toBe(true);
      if (bytes.length === 0) return;
      bytes[where % bytes.length] = value ^ (1 << (where % 8));
      expect(consistsOf(bytes, value)).toBe(false);
    }),
  );
});
