import { type Part, partByName } from "@flashline/virtual-stm32";
import { expect } from "vitest";

/** The part with other bytes in its option bytes, by zone and offset. */
export function withOptions(name: string, bytes: Readonly<Record<number, number>>, zone = 0): Part {
  const part = partByName(name);
  const zones = part.extra.filter(({ base }) => part.alternates[1]?.includes(hex(base)));
  const extra = part.extra.map((memory) => {
    if (memory !== zones[zone]) return memory;
    const content = Array.from(
      { length: memory.size },
      (_, at) => bytes[at] ?? memory.content?.[at] ?? 0xff,
    );
    return { ...memory, content };
  });
  return { ...part, extra };
}

const hex = (value: number) => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;

/** A word and its complement at an offset. */
export const word = (at: number, value: number): Readonly<Record<number, number>> =>
  Object.fromEntries(
    [0, 1, 2, 3].flatMap((index) => {
      const byte = (value >>> (8 * index)) & 0xff;
      return [
        [at + index, byte],
        [at + 4 + index, byte ^ 0xff],
      ];
    }),
  );

/** The sector that an address is in. */
export const sectorAt = (part: Part, address: number) => {
  let at = part.flash.base;
  for (const [count, size] of part.flash.sectors) {
    for (let index = 0; index < count; index += 1, at += size) {
      if (address < at + size) return { address: at, size };
    }
  }
  return expect.unreachable();
};
