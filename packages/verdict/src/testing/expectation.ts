import type { Split } from "../conditional.ts";

/** Probabilities of 0 … units incidents at this rate. */
function binomial(units: number, rate: number): readonly number[] {
  let ways = 1;
  return Array.from({ length: units + 1 }, (_, incidents) => {
    if (incidents > 0) ways *= (units - incidents + 1) / incidents;
    return ways * rate ** incidents * (1 - rate) ** (units - incidents);
  });
}

/** A rate whose odds are so many times those of `rate`. */
const atOdds = (rate: number, ratio: number): number => (rate * ratio) / (1 - rate + rate * ratio);

/** Every outcome of two groups of which the second has incidents at `rate` and the first at `ratio` times its odds, with its probability. */
export function outcomesOf(
  { n, m }: Pick<Split, "n" | "m">,
  rate: number,
  ratio: number,
): readonly { readonly split: Split; readonly probability: number }[] {
  const others = binomial(m, rate);
  return binomial(n, atOdds(rate, ratio)).flatMap((p, y) =>
    others.map((q, c) => ({ split: { n, y, m, c }, probability: p * q })),
  );
}

/** The exact expectation of a figure over all of them. */
export const expectationOf = (
  sizes: Pick<Split, "n" | "m">,
  rate: number,
  ratio: number,
  figure: (split: Split) => number,
): number =>
  outcomesOf(sizes, rate, ratio).reduce(
    (sum, { split, probability }) => sum + probability * figure(split),
    0,
  );
