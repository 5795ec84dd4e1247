import { CODES, YieldView } from "@flashline/contract";
import { ago, share } from "./basics.ts";

const HOURS = [
  [58, 60],
  [61, 66],
  [64, 65],
  [55, 63],
  [62, 64],
  [63, 64],
  [18, 19],
] as const;
const passed = HOURS.reduce((sum, [good]) => sum + good, 0);
const all = HOURS.reduce((sum, [, n]) => sum + n, 0);

export const today = YieldView.parse({
  asOf: ago(0),
  from: ago(36_000),
  to: ago(-50_000),
  timeZone: "Europe/Vienna",
  product: null,
  plant: null,
  firstPass: share(passed, all),
  productFirstPass: share(passed, all - 14),
  finalYield: share(all - 4, all),
  attemptYield: share(all - 4, all + 18),
  linkIncidents: share(31, all + 18),
  unitsPassed: all - 4,
  unknownJobs: 1,
  medianMs: 11_200,
  p95Ms: 14_900,
  buckets: HOURS.map(([good, n], hour) => ({
    from: ago(25_200 - hour * 3600),
    to: ago(21_600 - hour * 3600),
    label: `${String(6 + hour).padStart(2, "0")}:00`,
    firstPass: share(good, n),
  })),
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
