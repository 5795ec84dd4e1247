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

/** Most units that lose the link pass here all the same, after recovery; this tells of those that did not. */
function failures({ failed, passedElsewhere }: HostTables): string {
  if (failed === 0) return "";
  const here = ` ${unitsIn(failed)} failed here`;
  if (failed === 1)
    return `${here} and has ${passedElsewhere === 1 ? "passed elsewhere" : "not passed elsewhere so far"}.`;
  if (passedElsewhere === 0) return `${here}; none of them has passed elsewhere so far.`;
  const some = figure(passedElsewhere);
  return `${here}; ${failed === passedElsewhere ? "all" : some} of them passed elsewhere.`;
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
  return `${here}; ${others}${ending(verdict)}${failures(tables)}${leftOut(tables)}`;
}
