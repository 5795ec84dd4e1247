/** Of so many units that many had an incident. */
export interface Share {
  readonly units: number;
  readonly incidents: number;
}

/** Places at which the distributions are summed up. With p = sin²(angle) no place has an infinite density. */
const PLACES = 512;

const angleAt = (place: number): number => ((place + 0.5) * Math.PI) / (2 * PLACES);
const rateAt = (place: number): number => Math.sin(angleAt(place)) ** 2;

/** How likely the true rate is at each place, given what was seen: Beta(½ + incidents, ½ + others), Jeffreys' prior. Sums up to 1. */
function posterior({ units, incidents }: Share): readonly number[] {
  const lnWeights = Array.from({ length: PLACES }, (_, place) => {
    const angle = angleAt(place);
    return (
      2 * incidents * Math.log(Math.sin(angle)) +
      2 * (units - incidents) * Math.log(Math.cos(angle))
    );
  });
  const largest = Math.max(...lnWeights);
  const weights = lnWeights.map((weight) => Math.exp(weight - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** How likely it is that the true rate behind `more` is above the one behind `less` by more than `by`; 0 … 1. */
export function chanceOfMore(more: Share, less: Share, by: number): number {
  const above = posterior(more);
  const below = posterior(less);
  // Sums of `below` up to each place: both grow, so that one pass is enough.
  let chance = 0;
  let cumulated = 0;
  let next = 0;
  for (let place = 0; place < PLACES; place += 1) {
    while (next < PLACES && rateAt(next) + by < rateAt(place)) {
      cumulated += below[next] ?? 0;
      next += 1;
    }
    chance += (above[place] ?? 0) * cumulated;
  }
  return chance;
}
