/** Words, each followed by its complement, as L4, G0 and G4 store them. */
export const doubledWords = (...words: readonly number[]): readonly number[] =>
  words.flatMap((word) => [...bytesOf(word), ...bytesOf(~word)]);

/** Registers of H7: each current value and behind it the one to be programmed, with OPTCCR between the first and the second. */
export const pairedWords = (first: number, ...rest: readonly number[]): readonly number[] => [
  ...pair(first),
  ...bytesOf(0),
  ...rest.flatMap(pair),
];

export const plainWords = (...words: readonly number[]): readonly number[] =>
  words.flatMap(bytesOf);

/** Words in halves, eight bytes from one to the next, with nothing programmed between: F4 and F7. */
export const halvedWords = (...words: readonly number[]): readonly number[] =>
  words.flatMap((word) => [...half(word), ...half(word >>> 16)]);

const half = (word: number): readonly number[] => [...bytesOf(word | 0xffff_0000), ...UNPROGRAMMED];
const UNPROGRAMMED = [0xff, 0xff, 0xff, 0xff] as const;

const pair = (word: number): readonly number[] => [...bytesOf(word), ...bytesOf(word)];

const bytesOf = (word: number): readonly number[] =>
  [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);
