import {
  convolve,
  type Distribution,
  hypergeometric,
  type Table,
  upperTail,
} from "../../../../apps/server/src/verdict/tables.ts";
import { normalUpperTail } from "./normal.ts";

export interface StratifiedTest {
  /** One-sided: the chance of at least that many incidents here if the host did not matter in any stratum. */
  readonly p: number;
  readonly method: "exact" | "normal" | "none";
  readonly observed: number;
  /** Incidents that fall to this host on average when hosts do not matter, summed over the strata. */
  readonly expected: number;
  /** Strata that can tell hosts apart: units here and elsewhere, and some but not only incidents. */
  readonly informative: number;
}

/** Mantel and Fleiss (Am. J. Epidemiol. 112 (1980) 129–134): the normal form is good when both distances reach 5. */
const MANTEL_FLEISS = 5;
/** Beyond this many incidents the exact convolution costs more than it tells. */
const MOST_EXACT = 2000;

function moments(table: Table) {
  const all = table.hereUnits + table.elsewhereUnits;
  const incidents = table.hereIncidents + table.elsewhereIncidents;
  const expected = (table.hereUnits * incidents) / all;
  const variance =
    (table.hereUnits * table.elsewhereUnits * incidents * (all - incidents)) /
    (all * all * Math.max(1, all - 1));
  return {
    expected,
    variance,
    incidents,
    least: Math.max(0, incidents - table.elsewhereUnits),
    most: Math.min(table.hereUnits, incidents),
  };
}

const CERTAIN: Distribution = { from: 0, mass: [1] };

/**
 * Cochran–Mantel–Haenszel, one-sided (more incidents here), over independent 2×2 tables (Mantel & Haenszel, JNCI 22
 * (1959) 719–748). With small counts the exact conditional distribution is used, the convolution of the strata's
 * hypergeometric ones; else the normal form with continuity correction. Strata without a comparison add nothing.
 */
export function stratifiedTest(tables: readonly Table[]): StratifiedTest {
  const strata = tables
    .filter((table) => table.hereUnits > 0 && table.elsewhereUnits > 0)
    .map((table) => ({ table, ...moments(table) }));
  const sum = (pick: (stratum: (typeof strata)[number]) => number) =>
    strata.reduce((total, stratum) => total + pick(stratum), 0);
  const observed = sum((s) => s.table.hereIncidents);
  const expected = sum((s) => s.expected);
  const variance = sum((s) => s.variance);
  const found = {
    observed,
    expected,
    informative: strata.filter((s) => s.variance > 0).length,
  };
  if (variance === 0) return { ...found, p: 1, method: "none" };
  const spread = Math.min(expected - sum((s) => s.least), sum((s) => s.most) - expected);
  if (spread >= MANTEL_FLEISS && sum((s) => s.incidents) > MOST_EXACT) {
    const z = (observed - expected - 0.5) / Math.sqrt(variance);
    return { ...found, p: normalUpperTail(z), method: "normal" };
  }
  const distribution = strata
    .filter((s) => s.variance > 0)
    .map((s) => hypergeometric(s.table))
    .reduce(convolve, CERTAIN);
  const settled = sum((s) => (s.variance > 0 ? 0 : s.table.hereIncidents));
  return { ...found, p: upperTail(distribution, observed - settled), method: "exact" };
}
