/**
 * Benjamini and Hochberg's adjusted p values (J. R. Stat. Soc. B 57 (1995) 289–300), in the order given: the smallest
 * false discovery rate at which each one is still found.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 1;
  order.forEach(({ p, index }, fromTop) => {
    least = Math.min(least, (p * pValues.length) / (pValues.length - fromTop));
    adjusted[index] = least;
  });
  return adjusted;
}
