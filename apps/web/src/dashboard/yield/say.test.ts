import type { Proportion, YieldView } from "@flashline/contract";
import { expect, test } from "vitest";
import { hostGap, points, sayDifference, sayYield, withRunningShare } from "./say.ts";

const share = (count: number, n: number): Proportion => ({
  count,
  n,
  share: n === 0 ? null : count / n,
  low: 0,
  high: 1,
});

function view(change: Partial<YieldView>): YieldView {
  return {
    asOf: "2026-11-20T09:00:00Z",
    from: "2026-11-20T00:00:00Z",
    to: "2026-11-21T00:00:00Z",
    timeZone: "UTC",
    product: null,
    plant: null,
    firstPass: share(0, 0),
    productFirstPass: share(0, 0),
    finalYield: share(0, 0),
    attemptYield: share(0, 0),
    linkIncidents: share(0, 0),
    unitsPassed: 0,
    unknownJobs: 0,
    medianMs: null,
    p95Ms: null,
    buckets: [],
    pareto: [],
    ...change,
  };
}

test("a mixed day names the share, the hosts' part and what rework saved", () => {
  const mixed = view({
    firstPass: share(412, 430),
    productFirstPass: share(412, 419),
    finalYield: share(425, 430),
  });
  expect(sayYield(mixed)).toEqual([
    "412 of 430 units passed at the first try (95.8 %).",
    "11 of the other 18 failed by the host's fault, not the product's.",
    "13 units passed at a later try.",
  ]);
  expect(hostGap(mixed)).toBe(11);
});

test("a day without a failure does not speak of any", () => {
  const clean = { firstPass: share(1, 1), productFirstPass: share(1, 1), finalYield: share(1, 1) };
  expect(sayYield(view(clean))).toEqual(["The one unit passed at the first try."]);
});

test("when every failure is the host's, that is said", () => {
  const hosts = view({
    firstPass: share(8, 10),
    productFirstPass: share(8, 8),
    finalYield: share(8, 10),
  });
  expect(sayYield(hosts)[1]).toBe(
    "All 2 that did not failed by the host's fault, not the product's.",
  );
});

test("nothing is said about nothing", () => {
  expect(sayYield(view({}))).toEqual([]);
});

test("the Pareto is sorted and sums up to all", () => {
  const row = (code: string, n: number) => ({ code, blame: "host", n });
  const rows = withRunningShare([row("a", 1), row("b", 3)]);
  expect(rows.map((each) => [each.code, each.running])).toEqual([
    ["b", 0.75],
    ["a", 1],
  ]);
});

test("a difference is better or worse only where its whole interval says so", () => {
  const difference = { value: 0.01, strata: 3, n: 100, nBefore: 90 };
  expect(sayDifference({ ...difference, low: 0.002, high: 0.02 })).toBe("better");
  expect(sayDifference({ ...difference, low: -0.02, high: -0.001 })).toBe("worse");
  expect(sayDifference({ ...difference, low: -0.01, high: 0.03 })).toBe("same");
  expect([0.0123, -0.0004, -0.013].map(points)).toEqual(["+1.2 pp", "0 pp", "−1.3 pp"]);
});
