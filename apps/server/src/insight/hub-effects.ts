import { z } from "zod";
import { type HubEffect, proportion, shareDifference } from "../verdict/index.ts";

/** Units of one controller model with the same boards, firmware and profile: through a hub, and straight on the controller. */
export const HubStratum = z.object({
  controller: z.string(),
  units: z.number(),
  incidents: z.number(),
  unitsWithout: z.number(),
  incidentsWithout: z.number(),
});
export type HubStratum = z.infer<typeof HubStratum>;

/** What a hub in between did on one controller model. */
export interface HubEffectOf extends HubEffect {
  readonly controller: string;
}

const summed = (strata: readonly HubStratum[], pick: (stratum: HubStratum) => number): number =>
  strata.reduce((total, stratum) => total + pick(stratum), 0);

function effectIn(strata: readonly HubStratum[]): HubEffect | undefined {
  const kept = shareDifference(
    strata.map(({ units, incidents, unitsWithout, incidentsWithout }) => ({
      n: units,
      passed: units - incidents,
      nBefore: unitsWithout,
      passedBefore: unitsWithout - incidentsWithout,
    })),
  );
  const { value, low, high } = kept;
  if (value === null) return undefined;
  return {
    with: proportion(
      summed(strata, ({ incidents }) => incidents),
      summed(strata, ({ units }) => units),
    ),
    without: proportion(
      summed(strata, ({ incidentsWithout }) => incidentsWithout),
      summed(strata, ({ unitsWithout }) => unitsWithout),
    ),
    saves: { value, low, high },
  };
}

/** By controller model, where boards were flashed both ways. Thousands of strata take a tenth of a second: it is done when hosts are counted. */
export function hubEffects(strata: readonly HubStratum[]): readonly HubEffectOf[] {
  const controllers = [...new Set(strata.map(({ controller }) => controller))];
  return controllers.flatMap((controller) => {
    const effect = effectIn(strata.filter((stratum) => stratum.controller === controller));
    return effect === undefined ? [] : [{ controller, ...effect }];
  });
}
