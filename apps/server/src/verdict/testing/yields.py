# Makes yields.fixture.ts with SciPy (made with 1.17.1): intervals of differences of shares, and of products of shares.
#   python3 apps/server/src/verdict/testing/yields.py && npx biome check --write apps/server/src/verdict
# Written apart from the code that it checks: the likeliest shares under a difference are found by a search, not by the root of a cubic,
# and the limits by Brent's method.
from math import exp, log, sqrt
from pathlib import Path

import scipy
from scipy.optimize import brentq, minimize_scalar
from scipy.special import xlogy
from scipy.stats import binomtest, norm

Z = norm.ppf(0.975)

# passed, n, passedBefore, nBefore
DIFFERENCES = [
    [(56, 70, 48, 80)],
    [(9, 10, 3, 10)],
    [(10, 10, 0, 10)],
    [(98, 100, 100, 100)],
    [(100, 100, 200, 200)],
    [(1, 1, 0, 3)],
    [(480, 500, 470, 500), (190, 200, 380, 400), (45, 60, 20, 40)],
    [(30, 30, 28, 30), (25, 25, 26, 26), (40, 44, 40, 40)],
    [(0, 12, 1, 9), (2, 8, 0, 15)],
    [(3900, 4000, 7700, 8000), (1, 2, 2, 2)],
]


def likeliest(passed, n, passed_before, n_before, delta):
    low, high = max(0, -delta), min(1, 1 - delta)

    def worse(before):
        now = min(1.0, max(0.0, before + delta))
        return -(
            xlogy(passed, now) + xlogy(n - passed, 1 - now)
            + xlogy(passed_before, before) + xlogy(n_before - passed_before, 1 - before)
        )

    found = minimize_scalar(worse, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return min([low, high, found], key=worse)


def score(strata, delta):
    above = variance = 0.0
    for passed, n, passed_before, n_before in strata:
        before = likeliest(passed, n, passed_before, n_before, delta)
        now = before + delta
        total = n + n_before
        weight = n * n_before / total
        above += weight * (passed / n - passed_before / n_before - delta)
        variance += weight**2 * (now * (1 - now) / n + before * (1 - before) / n_before) * total / (total - 1)
    return above / sqrt(max(variance, 1e-30))


def difference(strata):
    weights = [n * m / (n + m) for _, n, _, m in strata]
    value = sum(w * (p / n - q / m) for w, (p, n, q, m) in zip(weights, strata)) / sum(weights)
    edge = 1 - 1e-9
    low = brentq(lambda d: score(strata, d) - Z, -edge, value - 1e-12, xtol=1e-12) if value > -1 else -1.0
    high = brentq(lambda d: score(strata, d) + Z, value + 1e-12, edge, xtol=1e-12) if value < 1 else 1.0
    return value, low, high


# passed, n of each step
PRODUCTS = [
    [(95, 100)],
    [(95, 100), (48, 50)],
    [(50, 50), (49, 50), (880, 1000)],
    [(30, 30), (30, 30)],
]


def product(steps):
    shares = [k / n for k, n in steps]
    limits = [binomtest(k, n).proportion_ci(0.95, "wilson") for k, n in steps]
    value = exp(sum(map(log, shares)))
    low = exp(log(value) - sqrt(sum((log(p) - log(i.low)) ** 2 for p, i in zip(shares, limits))))
    high = exp(log(value) + sqrt(sum((log(i.high) - log(p)) ** 2 for p, i in zip(shares, limits))))
    return value, low, min(1.0, high)


def rows(cases, of):
    return "".join(
        f"  {{ of: [{', '.join(str(list(case)) for case in cases_)}], is: [{', '.join(map(repr, map(float, of(cases_))))}] }},\n"
        for cases_ in cases
    )


text = f"""// Made by yields.py with SciPy {scipy.__version__}.
interface Case<Of> {{
  readonly of: readonly Of[];
  /** Value, lower and upper limit. */
  readonly is: readonly [number, number, number];
}}
/** Of strata: passed, n, passedBefore, nBefore. */
export const DIFFERENCES: readonly Case<readonly [number, number, number, number]>[] = [
{rows(DIFFERENCES, difference)}];
/** Of steps: passed, n. */
export const PRODUCTS: readonly Case<readonly [number, number]>[] = [
{rows(PRODUCTS, product)}];
"""
Path(__file__).with_name("yields.fixture.ts").write_text(text)
