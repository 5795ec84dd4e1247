/**
 * How often units of the plant had an incident, with newer units weighing more. JSON.
 */
export interface Rate {
  readonly units: number;
  readonly incidents: number;
}

/** Before anything is known: two in a hundred, which 200 units of the plant soon outweigh. */
export const FIRST_RATE: Rate = { units: 200, incidents: 4 };
/** Units after which the past weighs 1/e of what it did. */
const SCALE = 5000;
const LEAST_RATE = 1e-4;
const MOST_RATE = 0.5;

export const rateAfter = ({ units, incidents }: Rate, isIncident: boolean): Rate => ({
  units: units * (1 - 1 / SCALE) + 1,
  incidents: incidents * (1 - 1 / SCALE) + (isIncident ? 1 : 0),
});

/** Lines with up to so many hosts are flagged: there is nobody, or hardly anybody, to compare a host with. */
export const FEW_HOSTS = 3;
/** Odds ratio that is looked for. */
const PSI = 5;
/** Sum from which a host is flagged: about once in 10,000 units of a healthy one. */
const FLAGGED_FROM = 7;
/** The sum stops here, so that a flag does not outlive a long fault by as long again. */
const MOST_SUM = 14;

/**
 * A cumulative sum over the units of one host of a short line, against the plant's rate (Page, Biometrika 41 (1954) 100–115). It says that
 * host or boards are bad and cannot tell which; it never blames. JSON.
 */
export interface Flag {
  readonly sum: number;
  readonly isRaised: boolean;
}

export const NO_FLAG: Flag = { sum: 0, isRaised: false };

/** After one more unit; `rate` is that of the plant before it. The flag stays until the sum is back at 0. */
export function flagAfter({ sum, isRaised }: Flag, rate: Rate, isIncident: boolean): Flag {
  const p = Math.min(MOST_RATE, Math.max(LEAST_RATE, rate.incidents / rate.units));
  const q = (PSI * p) / (1 - p + PSI * p);
  const step = Math.log(isIncident ? q / p : (1 - q) / (1 - p));
  const after = Math.min(MOST_SUM, Math.max(0, sum + step));
  return { sum: after, isRaised: after >= FLAGGED_FROM || (isRaised && after > 0) };
}
