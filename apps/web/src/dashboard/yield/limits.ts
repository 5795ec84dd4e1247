/** Units that passed at the first try, of those that were tried, in one stretch of time. */
export interface Sample {
  readonly count: number;
  readonly n: number;
}

/** What a control chart holds the stretches against. */
export interface ControlChart {
  /** Share of all of them together. */
  readonly centre: number;
  /** How alike units of one stretch are: 0 where only chance is at work. */
  readonly rho: number;
  readonly points: readonly {
    readonly low: number;
    readonly high: number;
    /** Beyond a limit. */
    readonly isOut: boolean;
    /** One of at least eight in a row on one side of the centre. */
    readonly isRun: boolean;
  }[];
}

/** With fewer stretches nothing is known about how they differ. */
export const FEWEST_SAMPLES = 10;
const RUN = 8;
/** Beyond each limit lies as much as beyond three standard deviations of a normal distribution. */
const TAIL = 0.00135;
const MANY = 2000;
/** Standard deviations. */
const FAR = 12;
/** Median range of two neighbours, in standard deviations. */
const MEDIAN_RANGE = 0.954;

/** Natural logarithm of the gamma function (Lanczos, 7 terms: 15 digits for what is needed here). */
function logGamma(x: number): number {
  const TERMS = [
    ...[676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406],
    ...[12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7],
  ];
  const base = x - 1;
  const sum = TERMS.reduce((all, term, at) => all + term / (base + at + 1), 0.9999999999998099);
  const t = base + TERMS.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (base + 0.5) * Math.log(t) - t + Math.log(sum);
}
const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Counts between which all but the tails of a beta-binomial distribution lie; a binomial one where rho is 0. */
function bounds(n: number, p: number, rho: number): { low: number; high: number } {
  const logChoose = (k: number): number => -Math.log(n + 1) - logBeta(n - k + 1, k + 1);
  const size = rho === 0 ? 0 : (1 - rho) / rho;
  const [a, b] = [p * size, (1 - p) * size];
  const chance = (k: number): number =>
    rho === 0
      ? Math.exp(logChoose(k) + k * Math.log(p) + (n - k) * Math.log1p(-p))
      : Math.exp(logChoose(k) + logBeta(k + a, n - k + b) - logBeta(a, b));
  // Of many units nothing lies so far out that it would count; of few all of them are added up.
  const sd = Math.sqrt(n * p * (1 - p) * (1 + (n - 1) * rho));
  const start = n > MANY ? Math.max(0, Math.floor(n * p - FAR * sd)) : 0;
  let below = 0;
  let low = start;
  for (let k = start; k < n && below + chance(k) < TAIL; k += 1) {
    below += chance(k);
    low = k + 1;
  }
  let above = 0;
  let high = n;
  for (let k = n; k > 0 && above + chance(k) < TAIL; k -= 1) {
    above += chance(k);
    high = k - 1;
  }
  return { low, high };
}

/**
 * A p-chart whose limits are right for few units and for stretches that differ more than chance does: beta-binomial quantiles, with the
 * excess taken from neighbours as in D. B. Laney, Quality Engineering 14 (2002) 531–537, by their median, so that one bad stretch does
 * not widen its own limits. Undefined where there are too few stretches, or nothing failed or passed.
 */
export function controlChart(samples: readonly Sample[]): ControlChart | undefined {
  const used = samples.filter(({ n }) => n > 0);
  const all = used.reduce((sum, { n }) => sum + n, 0);
  const passed = used.reduce((sum, { count }) => sum + count, 0);
  if (used.length < FEWEST_SAMPLES || passed === 0 || passed === all) return undefined;
  const centre = passed / all;
  const scores = used.map(
    ({ count, n }) => (count / n - centre) / Math.sqrt((centre * (1 - centre)) / n),
  );
  const ranges = scores.slice(1).map((score, at) => Math.abs(score - (scores[at] ?? score)));
  const sigma = medianOf(ranges) / MEDIAN_RANGE;
  const mean = all / used.length;
  const rho = mean <= 1 ? 0 : Math.min(0.5, Math.max(0, (sigma ** 2 - 1) / (mean - 1)));
  const sides = samples.map(({ count, n }) => (n === 0 ? 0 : Math.sign(count / n - centre)));
  const runs = runsOf(sides);
  return {
    centre,
    rho,
    points: samples.map(({ count, n }, at) => {
      if (n === 0) return { low: 0, high: 1, isOut: false, isRun: false };
      const { low, high } = bounds(n, centre, rho);
      const isOut = count < low || count > high;
      return { low: low / n, high: high / n, isOut, isRun: runs[at] === true };
    }),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Which stretches are part of a run on one side; those without units neither end one nor belong to it. */
function runsOf(sides: readonly number[]): readonly boolean[] {
  const marks = sides.map(() => false);
  let run: number[] = [];
  let side = 0;
  for (const [at, now] of sides.entries()) {
    if (now === 0) continue;
    run = now === side ? [...run, at] : [at];
    side = now;
    if (run.length >= RUN) for (const place of run) marks[place] = true;
  }
  return marks;
}
