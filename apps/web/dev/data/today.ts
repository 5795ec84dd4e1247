import { CODES, YieldView } from "@flashline/contract";
import { ago, share } from "./basics.ts";

const HOURS = [
  [58, 60],
  [61, 66],
  [64, 65],
  [49, 63],
  [62, 64],
  [63, 64],
  [59, 61],
  [60, 62],
  [41, 42],
  [63, 66],
  [62, 64],
  [18, 19],
] as const;
/** The full hour so many hours from the one that runs. */
const hour = (away: number): string =>
  new Date((Math.floor(Date.now() / 3_600_000) + away) * 3_600_000).toISOString();
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  hourCycle: "h23",
  timeZone: "Europe/Vienna",
});
const passed = HOURS.reduce((sum, [good]) => sum + good, 0);
const all = HOURS.reduce((sum, [, n]) => sum + n, 0);

const today: YieldView = YieldView.parse({
  asOf: ago(0),
  from: ago(50_000),
  to: ago(-50_000),
  timeZone: "Europe/Vienna",
  product: null,
  plant: "Graz",
  firstPass: share(passed, all),
  productFirstPass: share(passed, all - 14),
  finalYield: share(all - 4, all),
  attemptYield: share(all - 4, all + 18),
  linkIncidents: share(31, all + 18),
  unitsPassed: all - 4,
  unknownJobs: 1,
  medianMs: 11_200,
  p95Ms: 14_900,
  buckets: HOURS.map(([good, n], at) => ({
    from: hour(at - HOURS.length + 1),
    to: hour(at - HOURS.length + 2),
    label: `${CLOCK.format(new Date(hour(at - HOURS.length + 1)))}:00`,
    firstPass: share(good, n),
    unitsPassed: n - (n - good > 9 ? 3 : 1),
  })),
  secondPass: share(all - 9, all),
  thirdPass: share(all - 6, all),
  retested: share(all - passed, all),
  noTroubleFound: share(all - passed - 9, all - passed),
  virtual: false,
  leftOut: 0,
  times: { n: all + 18, p50: 11_200, p90: 13_800, p95: 14_900, relativeError: 0.02 },
  paretoAttempts: [
    { code: "link.timeout", blame: "host", attempts: 19 },
    { code: "link.busy_wedge", blame: "host", attempts: 11 },
    { code: "flash.verify_mismatch", blame: "unit", attempts: 8 },
    { code: "link.lost", blame: "host", attempts: 6 },
    { code: "flash.write_protected", blame: "unit", attempts: 3 },
  ],
  pareto: (
    [
      ["link.timeout", 7],
      ["link.busy_wedge", 4],
      ["flash.verify_mismatch", 4],
      ["link.lost", 3],
      ["flash.write_protected", 2],
    ] as const
  ).map(([code, count]) => ({
    code,
    units: count,
    blame: CODES[code].blame,
  })),
});

const GROUPS = [
  ["L3-02", 168, 171, 171],
  ["L3-04", 161, 163, 163],
  ["L3-05", 158, 162, 162],
  ["L3-07", 144, 170, 147],
  ["L3-09", 29, 30, 30],
] as const;
const PHASES = [
  ["connect", 320, 410, 600],
  ["erase", 2900, 3400, 3900],
  ["write", 5100, 6300, 7000],
  ["verify", 2300, 2900, 3100],
  ["seal", 240, 300, 410],
] as const;

/** The same day, with what is asked for of it. */
export function yieldOf(query: URLSearchParams): YieldView {
  const [by, against] = [query.get("by"), query.get("against")];
  return {
    ...today,
    ...(by === null ? {} : { groups: GROUPS.map((group) => groupOf(by, group)) }),
    ...(query.has("phases") && {
      phases: PHASES.map(([phase, p50, p90, p95]) => ({ phase, n: all + 18, p50, p90, p95 })),
    }),
    ...(against !== null && {
      comparison: {
        from: ago(136_400),
        to: ago(50_000),
        release: null,
        firstPass: share(640, 662),
        productFirstPass: share(640, 655),
        difference: { value: -0.021, low: -0.042, high: -0.002, strata: 4, n: all, nBefore: 662 },
        productDifference: {
          value: 0.003,
          low: -0.011,
          high: 0.018,
          strata: 4,
          n: all,
          nBefore: 655,
        },
      },
    }),
  };
}

function groupOf(by: string, [name, good, n, fair]: (typeof GROUPS)[number]) {
  return {
    name,
    filter: { [by === "host" ? "host" : "station"]: name },
    firstPass: share(good, n),
    productFirstPass: share(good, fair),
    finalYield: share(n - 1, n),
    attemptYield: share(good, n),
    linkIncidents: share(n - good, n),
  };
}
