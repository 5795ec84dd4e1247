import type { Table } from "../../../../apps/server/src/verdict/tables.ts";
import { benjaminiHochberg } from "./adjust.ts";
import { stratifiedTest } from "./cmh.ts";

/** Fewer comparable units than this never make a host SUSPECT. */
const LEAST_UNITS = 20;
/** Link incidents, on as many distinct units, below which a host is neither WATCH nor SUSPECT. */
const LEAST_INCIDENTS = 3;
/** SUSPECT below this false discovery rate over all hosts that were compared. */
const SUSPECT_BELOW = 0.01;
/** WATCH below this p value, unadjusted. */
const WATCH_BELOW = 0.05;
/** With fewer than {@link LEAST_UNITS} units, WATCH below this p value. */
const WATCH_SMALL_BELOW = 0.01;
/** A difference that is proven but small is no defect: the rate must exceed this many times the expected one. */
const LEAST_RATIO = 2;

/** A host's counts in the strata where others worked too. */
export interface HostTables {
  readonly host: string;
  readonly strata: readonly Table[];
  readonly units: number;
  readonly incidents: number;
  /** Incidents that `units` would have had at the others' rates. */
  readonly expected: number;
}

/** What the method says of a host. */
export interface HostJudgement {
  readonly host: string;
  readonly verdict: "OK" | "WATCH" | "SUSPECT";
}

function ratioOf(observed: number, expected: number): number {
  if (expected > 0) return observed / expected;
  return observed > 0 ? Number.POSITIVE_INFINITY : 1;
}

function verdictOf(
  { units, incidents, expected }: HostTables,
  p: number,
  adjustedP: number,
): HostJudgement["verdict"] {
  const notable = incidents >= LEAST_INCIDENTS && ratioOf(incidents, expected) > LEAST_RATIO;
  if (units < LEAST_UNITS) return notable && p < WATCH_SMALL_BELOW ? "WATCH" : "OK";
  if (notable && adjustedP < SUSPECT_BELOW) return "SUSPECT";
  return notable && p < WATCH_BELOW ? "WATCH" : "OK";
}

/** Judges every host against all others inside the same strata, by what their window holds. */
export function judgeTables(ofHosts: readonly HostTables[]): readonly HostJudgement[] {
  const hosts = ofHosts.map((tables) => ({ tables, p: stratifiedTest(tables.strata).p }));
  const comparable = hosts.filter(({ tables }) => tables.units > 0);
  const adjusted = benjaminiHochberg(comparable.map(({ p }) => p));
  const adjustedOf = new Map(comparable.map(({ tables }, i) => [tables.host, adjusted[i] ?? 1]));
  return hosts.map(({ tables, p }) => {
    const adjustedP = adjustedOf.get(tables.host);
    const verdict = adjustedP === undefined ? "OK" : verdictOf(tables, p, adjustedP);
    return { host: tables.host, verdict };
  });
}
