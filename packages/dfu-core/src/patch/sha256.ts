/** FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes. */
const PRIMES: readonly number[] = Array.from({ length: 312 }, (_, value) => value).filter(
  (value) => value > 1 && ![2, 3, 5, 7, 11, 13, 17].some((by) => value !== by && value % by === 0),
);
const fraction = (value: number): number => ((value - Math.floor(value)) * 0x1_0000_0000) >>> 0;
/** A DataView reads and writes words without a doubt whether they are there. */
const wordsOf = (values: readonly number[], count = values.length): DataView => {
  const view = new DataView(new ArrayBuffer(count * 4));
  values.forEach((value, index) => {
    view.setUint32(index * 4, value);
  });
  return view;
};
const ROUND = wordsOf(PRIMES.map((prime) => fraction(Math.cbrt(prime))));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const BLOCK = 64;

const rotated = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

/** SHA-256 of the parts in turn, in hexadecimal. Written out because this package uses nothing but the language. */
export function sha256(parts: readonly Uint8Array[]): string {
  const state = wordsOf(START);
  const words = wordsOf([], 64);
  let filled = 0;
  let total = 0;
  const add = (byte: number) => {
    words.setUint8(filled, byte);
    filled += 1;
    if (filled === BLOCK) {
      compress(state, words);
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
  return START.map((_, index) =>
    state
      .getUint32(index * 4)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}

/** FIPS 180-4, section 6.2.2. The first 16 of `words` are the block. */
function compress(state: DataView, words: DataView): void {
  const word = (index: number): number => words.getUint32(index * 4);
  for (let index = 16; index < 64; index += 1) {
    const w15 = word(index - 15);
    const w2 = word(index - 2);
    const s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
    const s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
    words.setUint32(index * 4, word(index - 16) + s0 + word(index - 7) + s1);
  }
  const at = (index: number): number => state.getUint32(index * 4);
  let [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  for (let index = 0; index < 64; index += 1) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + s1 + choice + ROUND.getUint32(index * 4) + word(index)) | 0;
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
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    state.setUint32(index * 4, at(index) + value);
  });
}
