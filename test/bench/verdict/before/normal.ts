const SERIES_UP_TO = 2.5;
const TINY = 1e-300;
const PRECISION = 1e-16;
const MOST_TERMS = 500;

/** Φ(z) − ½ by its power series (Abramowitz & Stegun 26.2.11): exact enough where z is small. */
function centralPart(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < MOST_TERMS && Math.abs(term) > PRECISION * Math.abs(sum); k += 1) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The upper tail by its continued fraction (Abramowitz & Stegun 26.2.14), evaluated by Lentz's method. */
function farTail(z: number): number {
  let f = z;
  let c = z;
  let d = 0;
  for (let k = 1; k < MOST_TERMS; k += 1) {
    d = 1 / Math.max(z + k * d, TINY);
    c = z + k / c;
    const factor = c * d;
    f *= factor;
    if (Math.abs(factor - 1) < PRECISION * 4) break;
  }
  return Math.exp((-z * z) / 2) / (f * Math.sqrt(2 * Math.PI));
}

/** P(Z ≥ z) of the standard normal distribution; relative error below 1e-12, also far out in the tail. */
export function normalUpperTail(z: number): number {
  if (z < 0) return 1 - normalUpperTail(-z);
  return z < SERIES_UP_TO ? 0.5 - centralPart(z) : farTail(z);
}
