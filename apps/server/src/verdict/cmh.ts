import { setImmediate as nextTurn } from "node:timers/promises";
import { convolve, type Distribution, hypergeometric, type Table, upperTail } from "./tables.ts";

export interface StratifiedTest {
  /** One-sided: the chance of at least that many incidents here if the host did not matter in any stratum; 1 where none tells hosts apart. */
  readonly p: number;
  readonly observed: number;
  /** Incidents that fall to this host on average when hosts do not matter, summed over the strata. */
  readonly expected: number;
  /** Strata that can tell hosts apart: units here and elsewhere, and some but not only incidents. */
  readonly informative: number;
}

/** Products of probabilities after which others get their turn: a few milliseconds. */
const MOST_AT_ONCE = 2_000_000;

const CERTAIN: Distribution = { from: 0, mass: [1] };

function expectedIn({
  hereUnits,
  hereIncidents,
  elsewhereUnits,
  elsewhereIncidents,
}: Table): number {
  return (hereUnits * (hereIncidents + elsewhereIncidents)) / (hereUnits + elsewhereUnits);
}

function isInformative(table: Table): boolean {
  const incidents = table.hereIncidents + table.elsewhereIncidents;
  return incidents > 0 && incidents < table.hereUnits + table.elsewhereUnits;
}

/**
 * The exact stratified test, one-sided (more incidents here), over independent 2×2 tables (Mantel & Haenszel, JNCI 22 (1959) 719–748). Given
 * the margins, the incidents here are a sum of independent hypergeometric numbers, and their convolution gives its distribution. With one
 * stratum it is Fisher's exact test. Strata without a comparison add nothing. However large the tables are, other work goes on beside it.
 */
export async function stratifiedTest(tables: readonly Table[]): Promise<StratifiedTest> {
  const compared = tables.filter((table) => table.hereUnits > 0 && table.elsewhereUnits > 0);
  const sum = (of: readonly Table[], pick: (table: Table) => number) =>
    of.reduce((total, table) => total + pick(table), 0);
  const informative = compared.filter(isInformative);
  let distribution = CERTAIN;
  let products = 0;
  for (const table of informative) {
    const next = hypergeometric(table);
    products += distribution.mass.length * next.mass.length;
    distribution = convolve(distribution, next);
    if (products < MOST_AT_ONCE) continue;
    products = 0;
    await nextTurn();
  }
  const told = sum(informative, ({ hereIncidents }) => hereIncidents);
  return {
    p: informative.length === 0 ? 1 : upperTail(distribution, told),
    observed: sum(compared, ({ hereIncidents }) => hereIncidents),
    expected: sum(compared, expectedIn),
    informative: informative.length,
  };
}
