import type { YieldView } from "@flashline/contract";
import { count, counted, percent } from "../../shared/format.ts";

/** What today was like, in at most three sentences; the figures below say it again with their intervals. */
export function sayYield(view: YieldView): readonly string[] {
  const { firstPass, finalYield } = view;
  if (firstPass.n === 0 || firstPass.share === null) return [];
  const missed = firstPass.n - firstPass.count;
  const first =
    missed === 0
      ? `${firstPass.n === 1 ? "The one unit" : `All ${count(firstPass.n)} units`} passed at the first try.`
      : `${count(firstPass.count)} of ${counted(firstPass.n, "unit")} passed at the first try (${percent(firstPass.share)}).`;
  const sentences = [first];
  const gap = hostGap(view);
  if (gap > 0) {
    sentences.push(
      gap === missed
        ? `${missed === 1 ? "The one that did not" : `All ${count(missed)} that did not`} failed by the host's fault, not the product's.`
        : `${count(gap)} of the other ${count(missed)} failed by the host's fault, not the product's.`,
    );
  }
  const later = finalYield.count - firstPass.count;
  if (later > 0) sentences.push(`${counted(later, "unit")} passed at a later try.`);
  return sentences;
}

/** Units whose first attempt failed by the host's fault: the distance between line and product, in units. */
export function hostGap(view: YieldView): number {
  return Math.max(0, view.firstPass.n - view.productFirstPass.n);
}

/** Pareto rows with their share of all first failures, summed up. */
export function withRunningShare(
  pareto: YieldView["pareto"],
): readonly (YieldView["pareto"][number] & { readonly share: number; readonly running: number })[] {
  const total = pareto.reduce((sum, row) => sum + row.units, 0);
  let sum = 0;
  return [...pareto]
    .sort((a, b) => b.units - a.units)
    .map((row) => {
      sum += row.units;
      return { ...row, share: row.units / total, running: sum / total };
    });
}
