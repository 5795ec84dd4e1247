/**
 * Two groups of units, each with how many of them had an incident. Given the sum of both, an odds ratio ψ between the groups tells how
 * the incidents fall to them, whatever the rate itself is: Fisher's noncentral hypergeometric distribution,
 * P(y) = C(n,y) C(m,c) ψ^y / Σ_j C(n,j) C(m,y+c−j) ψ^j.
 */
export interface Split {
  /** Units of the group that is judged. */
  readonly n: number;
  /** How many of them had an incident; 0 … n. */
  readonly y: number;
  /** Units of those that the group is compared with. */
  readonly m: number;
  /** How many of those had an incident; 0 … m. */
  readonly c: number;
}

/** ln k! at place k. Blocks are small; the list grows to the largest one seen. */
const LN_FACTORIALS: number[] = [0];

function lnFactorial(n: number): number {
  for (let k = LN_FACTORIALS.length; k <= n; k += 1) {
    LN_FACTORIALS.push((LN_FACTORIALS[k - 1] ?? 0) + Math.log(k));
  }
  return LN_FACTORIALS[n] ?? 0;
}

const lnChoose = (n: number, k: number): number =>
  lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/** ln Σ_j C(n,j) C(m,y+c−j) ψ^j over all j that are possible. */
function lnSum({ n, y, m, c }: Split, lnPsi: number): number {
  const incidents = y + c;
  const terms: number[] = [];
  for (let j = Math.max(0, incidents - m); j <= Math.min(n, incidents); j += 1) {
    terms.push(lnChoose(n, j) + lnChoose(m, incidents - j) + j * lnPsi);
  }
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** There is nobody to compare with, or all or none of the units had an incident. */
export const saysNothing = ({ n, y, m, c }: Split): boolean =>
  n === 0 || m === 0 || y + c === 0 || y + c === n + m;

/**
 * How likely the split is under the odds ratio `psi`, divided by how likely it is under `over`; 1 where the split says nothing. Both are
 * above 0. Where units fail independently and the true odds ratio is `over`, the expectation is 1, whatever the rate. With `psi` above
 * `over` the ratio grows with y, so that the expectation is at most 1 for every true odds ratio up to `over`: an e-variable (Turner, Ly and
 * Grünwald, J. Stat. Plan. Inference 230 (2024) 106116).
 */
export function likelihoodRatio(split: Split, psi: number, over: number): number {
  if (saysNothing(split)) return 1;
  const lnPsi = Math.log(psi);
  const lnOver = Math.log(over);
  return Math.exp(split.y * (lnPsi - lnOver) + lnSum(split, lnOver) - lnSum(split, lnPsi));
}
