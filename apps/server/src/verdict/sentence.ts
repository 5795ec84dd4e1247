import { HostVerdict } from "@flashline/contract";
import type { HostTables } from "./strata.ts";

const figure = (n: number) => n.toLocaleString("en-US");
const unitsIn = (n: number) => `${figure(n)} ${n === 1 ? "unit" : "units"}`;

function ending(verdict: HostVerdict): string {
  switch (verdict) {
    case HostVerdict.NotEnoughData:
      return " Too few units to judge.";
    case HostVerdict.Ok:
      return " No more than chance allows.";
    case HostVerdict.Watch:
    case HostVerdict.Suspect:
    case HostVerdict.Quarantined:
      return "";
  }
}

function elsewhere({ incidents, passedElsewhere }: HostTables): string {
  if (incidents === 0 || passedElsewhere === 0) return "";
  if (incidents === 1) return " It passed elsewhere.";
  if (incidents === passedElsewhere) return ` All ${figure(incidents)} passed elsewhere.`;
  return ` ${figure(passedElsewhere)} of the ${figure(incidents)} passed elsewhere.`;
}

function leftOut({ withoutComparison }: HostTables): string {
  if (withoutComparison === 0) return "";
  const of = withoutComparison === 1 ? "has a release or batch" : "have releases or batches";
  return ` ${unitsIn(withoutComparison)} here ${of} that no other host worked on, and cannot be compared.`;
}

/** What a person reads first: the figures that decided, in plain words. */
export function evidenceOf(tables: HostTables, verdict: HostVerdict): string {
  const { compared } = tables;
  if (compared.units === 0) {
    const here = `${figure(tables.incidents)} of ${unitsIn(tables.units)} lost the link here.`;
    return `${here} No other host worked on the same releases and batches: there is nothing to compare with.`;
  }
  const here = `${figure(compared.incidents)} of ${unitsIn(compared.units)} lost the link here`;
  const others = `${figure(compared.elsewhereIncidents)} of ${figure(compared.elsewhereUnits)} on the other hosts with the same releases and batches.`;
  return `${here}; ${others}${ending(verdict)}${elsewhere(tables)}${leftOut(tables)}`;
}
