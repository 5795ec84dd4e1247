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

const pair = (word: number): readonly number[] => [...bytesOf(word), ...bytesOf(word)];

const bytesOf = (word: number): readonly number[] =>
  [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);
