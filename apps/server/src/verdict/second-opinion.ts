import type { SecondOpinion, VerdictPoint } from "@flashline/contract";
import { stratifiedTest } from "./cmh.ts";

/**
 * What the stratified exact test says of the blocks that a host was in: each one has the units of one stratum in one stretch of time. Null
 * where the host could be compared in none.
 */
export async function secondOpinion(
  blocks: readonly VerdictPoint[],
): Promise<SecondOpinion | null> {
  const compared = blocks.filter(({ m }) => m > 0);
  if (compared.length === 0) return null;
  const { p, observed, expected } = await stratifiedTest(
    compared.map(({ n, y, m, c }) => ({
      hereUnits: n,
      hereIncidents: y,
      elsewhereUnits: m,
      elsewhereIncidents: c,
    })),
  );
  const units = compared.reduce((total, { n }) => total + n, 0);
  return { p, observed, expected, units, blocks: compared.length };
}
