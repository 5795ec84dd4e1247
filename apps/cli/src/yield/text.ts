import type { Difference, Proportion, YieldView } from "@flashline/contract";
import { plural, table } from "../terminal/units.ts";

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const points = (value: number): string => `${value > 0 ? "+" : ""}${(value * 100).toFixed(1)}`;

/** A share with its interval and what it is of. */
function shareCells({ count, n, share, low, high }: Proportion): readonly string[] {
  if (share === null) return ["-", "-", "of none"];
  return [percent(share), `${percent(low)} to ${percent(high)}`, `${count} of ${n}`];
}

function differenceText(what: string, { value, low, high, strata, n, nBefore }: Difference) {
  if (value === null) return `${what}: no host worked in both.`;
  return `${what}: ${points(value)} points, ${points(low)} to ${points(high)}, at ${plural(strata, "host")} (${n} and ${nBefore} units)`;
}

function comparisonText({ comparison }: YieldView): readonly string[] {
  if (comparison === undefined) return [];
  const { from, to, release } = comparison;
  return [
    "",
    `Against ${release === null ? "" : `release ${release}, `}${from} to ${to}:`,
    differenceText("First pass", comparison.difference),
    differenceText("First pass, product", comparison.productDifference),
  ];
}

/** A yield for a person: each share with its 95 % interval and its n. */
export function yieldText(view: YieldView): string {
  const shares: readonly (readonly [string, Proportion | undefined])[] = [
    ["First pass", view.firstPass],
    ["First pass, product", view.productFirstPass],
    ["By the second try", view.secondPass],
    ["By the third try", view.thirdPass],
    ["Final", view.finalYield],
    ["Retested", view.retested],
    ["No trouble found", view.noTroubleFound],
    ["Attempts", view.attemptYield],
    ["Link incidents", view.linkIncidents],
  ];
  const rows = shares.flatMap(([name, share]) =>
    share === undefined ? [] : [[name, ...shareCells(share)]],
  );
  const groups = view.groups?.map(({ name, firstPass }) => [name || "-", ...shareCells(firstPass)]);
  const failures = view.pareto.map(({ code, blame, units }) => [code, blame, String(units)]);
  const { leftOut = 0, virtual = false } = view;
  return [
    `${view.from} to ${view.to}, ${view.timeZone}`,
    ...(virtual ? ["Of virtual units."] : []),
    ...(leftOut === 0
      ? []
      : [`Not counted: ${plural(leftOut, "attempt")} of ${virtual ? "real" : "virtual"} units.`]),
    table([["", "SHARE", "95 % INTERVAL", "OF"], ...rows]).trimEnd(),
    ...comparisonText(view),
    ...(groups === undefined
      ? []
      : ["", table([["FIRST PASS", "SHARE", "95 % INTERVAL", "OF"], ...groups]).trimEnd()]),
    ...(failures.length === 0
      ? []
      : ["", table([["FAILED FIRST", "BLAME", "UNITS"], ...failures]).trimEnd()]),
    "",
  ].join("\n");
}
