import { type HostGrounds, HostVerdict, type Proportion } from "@flashline/contract";
import { benjaminiHochberg } from "./adjust.ts";
import { type StratifiedTest, stratifiedTest } from "./cmh.ts";
import { proportion } from "./proportion.ts";
import { type HostRow, type HostTables, tableMaker } from "./strata.ts";

/** Fewer comparable units than this never make a host SUSPECT, nor OK. */
const LEAST_UNITS = 20;
/** Link incidents, on as many distinct units, below which a host is neither WATCH nor SUSPECT. */
const LEAST_INCIDENTS = 3;
/** SUSPECT below this false discovery rate over all hosts that were compared. */
const SUSPECT_BELOW = 0.01;
/** WATCH below this p value, unadjusted. */
const WATCH_BELOW = 0.05;
/** With fewer than {@link LEAST_UNITS} units, WATCH below this p value: 3 of 10 against 10 of 1,000 is worth a look. */
const WATCH_SMALL_BELOW = 0.01;
/** A difference that is proven but small is no defect: the rate must exceed this many times the expected one. */
const LEAST_RATIO = 2;

export interface HostJudgement extends HostTables {
  readonly verdict: Exclude<HostVerdict, "QUARANTINED">;
  /** The figures that decided. */
  readonly grounds: HostGrounds;
  /** Distinct units with at least one link incident here / distinct units here, whether comparable or not. */
  readonly linkIncidents: Proportion;
  /** Share that this host's mix of releases and batches shows on the other hosts; null without a comparison. */
  readonly expected: number | null;
  /** Observed over expected; null without a comparison, Infinity when the others had none. */
  readonly ratio: number | null;
  /** Null without a comparison. */
  readonly p: number | null;
  /** After Benjamini–Hochberg over all hosts with a comparison. */
  readonly adjustedP: number | null;
  readonly method: StratifiedTest["method"];
}

function ratioOf(observed: number, expected: number): number {
  if (expected > 0) return observed / expected;
  return observed > 0 ? Number.POSITIVE_INFINITY : 1;
}

function groundsOf(tables: HostTables, finding: HostVerdict): HostGrounds {
  const { units, incidents, withoutComparison, failed, passedElsewhere } = tables;
  const { expected: _, ...compared } = tables.compared;
  return {
    ...{ finding, units, incidents, withoutComparison, failed, passedElsewhere },
    compared: compared.units === 0 ? null : compared,
  };
}

function verdictOf(
  tables: HostTables,
  ratio: number,
  p: number,
  adjustedP: number,
): HostJudgement["verdict"] {
  const { units, incidents } = tables.compared;
  const notable = incidents >= LEAST_INCIDENTS && ratio > LEAST_RATIO;
  if (units < LEAST_UNITS) {
    return notable && p < WATCH_SMALL_BELOW ? HostVerdict.Watch : HostVerdict.NotEnoughData;
  }
  if (notable && adjustedP < SUSPECT_BELOW) return HostVerdict.Suspect;
  return notable && p < WATCH_BELOW ? HostVerdict.Watch : HostVerdict.Ok;
}

/**
 * Judges every host that occurs in `rows` against all others inside the same strata (docs/host-verdict.md). Never answers
 * QUARANTINED: only a person closes a host. Rows of the same host, unit and stratum count once.
 */
export function judgeHosts(rows: readonly HostRow[]): HostJudgement[] {
  const maker = tableMaker();
  maker.add(rows);
  return judgeTables([...maker.tables()]);
}

/** The same, of what the rows come to. */
export function judgeTables(ofHosts: readonly HostTables[]): HostJudgement[] {
  const hosts = ofHosts.map((tables) => ({ tables, test: stratifiedTest(tables.strata) }));
  const comparable = hosts.filter(({ tables }) => tables.compared.units > 0);
  const adjusted = benjaminiHochberg(comparable.map(({ test }) => test.p));
  const adjustedOf = new Map(comparable.map(({ tables }, i) => [tables.host, adjusted[i] ?? 1]));
  return hosts.map(({ tables, test }) => {
    const linkIncidents = proportion(tables.incidents, tables.units);
    const adjustedP = adjustedOf.get(tables.host);
    if (adjustedP === undefined) {
      const verdict = HostVerdict.NotEnoughData;
      const nothing = { expected: null, ratio: null, p: null, adjustedP: null };
      const grounds = groundsOf(tables, verdict);
      return { ...tables, ...nothing, verdict, grounds, linkIncidents, method: "none" as const };
    }
    const { compared } = tables;
    const ratio = ratioOf(compared.incidents, compared.expected);
    const verdict = verdictOf(tables, ratio, test.p, adjustedP);
    return {
      ...tables,
      verdict,
      grounds: groundsOf(tables, verdict),
      linkIncidents,
      expected: compared.expected / compared.units,
      ratio,
      p: test.p,
      adjustedP,
      method: test.method,
    };
  });
}
