import { lnChoose } from "./gamma.ts";

/** One stratum's 2×2 table: one host against all others that worked on the same. Whole numbers, incidents ≤ units. */
export interface Table {
  readonly hereUnits: number;
  readonly hereIncidents: number;
  readonly elsewhereUnits: number;
  readonly elsewhereIncidents: number;
}

/** Probabilities of consecutive whole numbers, the first of them `from`. */
export interface Distribution {
  readonly from: number;
  readonly mass: readonly number[];
}

/** With the table's margins fixed and no difference between hosts, how many of the incidents fall to this host. */
export function hypergeometric(table: Table): Distribution {
  const all = table.hereUnits + table.elsewhereUnits;
  const incidents = table.hereIncidents + table.elsewhereIncidents;
  const from = Math.max(0, incidents - table.elsewhereUnits);
  const to = Math.min(table.hereUnits, incidents);
  const ways = lnChoose(all, incidents);
  const mass: number[] = [];
  for (let k = from; k <= to; k += 1) {
    mass.push(
      Math.exp(lnChoose(table.hereUnits, k) + lnChoose(table.elsewhereUnits, incidents - k) - ways),
    );
  }
  return { from, mass };
}

/** Of the sum of two independent numbers. */
export function convolve(a: Distribution, b: Distribution): Distribution {
  const mass = new Array<number>(a.mass.length + b.mass.length - 1).fill(0);
  a.mass.forEach((p, i) => {
    b.mass.forEach((q, j) => {
      mass[i + j] = (mass[i + j] ?? 0) + p * q;
    });
  });
  return { from: a.from + b.from, mass };
}

/** P(X ≥ k), summed from the far end so that small tails keep their digits. */
export function upperTail(distribution: Distribution, k: number): number {
  const first = Math.max(0, k - distribution.from);
  const sum = distribution.mass.slice(first).reduceRight((total, p) => total + p, 0);
  return first === 0 ? 1 : Math.min(1, sum);
}

/** Fisher's exact test, one-sided: the chance of at least that many incidents here if hosts did not matter. */
export function fisherUpper(table: Table): number {
  return upperTail(hypergeometric(table), table.hereIncidents);
}
