import type { Difference, YieldView } from "@flashline/contract";
import { count, counted, percent } from "../../shared/format.ts";

/** What a selection was like, in at most three sentences; the figures below say it again with their intervals. */
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

/** Units or attempts that failed with a code. */
export interface ParetoRow {
  readonly code: string;
  readonly blame: string;
  readonly n: number;
}

/** Pareto rows, the most first, with their share of all of them, summed up. */
export function withRunningShare(
  rows: readonly ParetoRow[],
): readonly (ParetoRow & { readonly share: number; readonly running: number })[] {
  const total = rows.reduce((sum, row) => sum + row.n, 0);
  let sum = 0;
  return [...rows]
    .sort((a, b) => b.n - a.n)
    .map((row) => {
      sum += row.n;
      return { ...row, share: row.n / total, running: sum / total };
    });
}

/** "+1.2 pp", "−0.4 pp": percentage points, with a sign that is seen. */
export function points(difference: number): string {
  const value = Math.abs(difference * 100).toFixed(1);
  if (value === "0.0") return "0 pp";
  return `${difference < 0 ? "−" : "+"}${value} pp`;
}

/** Whether a yield has changed: only what the whole interval says. */
export function sayDifference({ low, high }: Difference): "better" | "worse" | "same" {
  if (low > 0) return "better";
  return high < 0 ? "worse" : "same";
}
