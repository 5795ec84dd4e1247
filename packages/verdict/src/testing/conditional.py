# Makes conditional.fixture.ts: likelihood ratios of Fisher's noncentral hypergeometric distribution by SciPy (made with 1.17.1).
#   python3 packages/verdict/src/testing/conditional.py && npx biome check --write packages/verdict
from pathlib import Path

import scipy
from scipy.stats import nchypergeom_fisher

SPLITS = [
    # n, y, m, c
    (2, 1, 22, 0),
    (3, 0, 21, 2),
    (5, 5, 7, 0),
    (1, 1, 95, 3),
    (12, 4, 12, 1),
    (24, 3, 48, 1),
    (48, 9, 48, 2),
    (50, 20, 150, 5),
    (90, 1, 6, 1),
    (150, 12, 50, 9),
]
RATIOS = [(5, 1.25), (15, 1.25), (3, 1.25), (8, 1.25), (1, 4), (5, 1)]


def likelihood(n, y, m, c, psi):
    return nchypergeom_fisher.pmf(y, n + m, n, y + c, psi)


rows = [
    (n, y, m, c, psi, over, float(likelihood(n, y, m, c, psi) / likelihood(n, y, m, c, over)))
    for n, y, m, c in SPLITS
    for psi, over in RATIOS
]
text = f"""// Made by conditional.py with SciPy {scipy.__version__}.
/** n, y, m, c, psi, over, and the likelihood ratio. */
export const LIKELIHOOD_RATIOS: readonly (readonly [number, number, number, number, number, number, number])[] = [
{"".join(f"  [{', '.join(map(repr, row))}],{chr(10)}" for row in rows)}];
"""
Path(__file__).with_name("conditional.fixture.ts").write_text(text)
