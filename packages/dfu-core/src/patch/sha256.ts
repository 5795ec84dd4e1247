/** FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes. */
const PRIMES: readonly number[] = Array.from({ length: 312 }, (_, value) => value).filter(
  (value) => value > 1 && ![2, 3, 5, 7, 11, 13, 17].some((by) => value !== by && value % by === 0),
);
const fraction = (value: number): number => ((value - Math.floor(value)) * 0x1_0000_0000) >>> 0;
const ROUND = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const BLOCK = 64;

const rotated = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

/** SHA-256 of the parts in turn, in hexadecimal. Written out because this package uses nothing but the language. */
export function sha256(parts: readonly Uint8Array[]): string {
  const state = Uint32Array.from(START);
  const block = new Uint8Array(BLOCK);
  const words = new Uint32Array(64);
  let filled = 0;
  let total = 0;
  const add = (byte: number) => {
    block[filled] = byte;
    filled += 1;
    if (filled === BLOCK) {
      compress(state, block, words);
      filled = 0;
    }
  };
  for (const part of parts) {
    for (const byte of part) add(byte);
    total += part.length;
  }
  add(0x80);
  while (filled !== BLOCK - 8) add(0);
  // 2^53 bits are more than memory has.
  const bits = total * 8;
  for (let shift = 56; shift >= 0; shift -= 8) add(Math.floor(bits / 2 ** shift) % 256);
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** FIPS 180-4, section 6.2.2. */
function compress(state: Uint32Array, block: Uint8Array, words: Uint32Array): void {
  const view = new DataView(block.buffer);
  for (let index = 0; index < 16; index += 1) words[index] = view.getUint32(index * 4);
  for (let index = 16; index < 64; index += 1) {
    const w15 = words[index - 15] ?? 0;
    const w2 = words[index - 2] ?? 0;
    const s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
    const s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
    words[index] = (words[index - 16] ?? 0) + s0 + (words[index - 7] ?? 0) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let index = 0; index < 64; index += 1) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + s1 + choice + (ROUND[index] ?? 0) + (words[index] ?? 0)) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + s0 + majority) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] ?? 0) + word;
  });
}
