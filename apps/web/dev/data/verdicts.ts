import { HostVerdicts, type VerdictPoint } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const HOUR_S = 3_600;

function point(at: number): VerdictPoint {
  const y = at < 26 ? Number(at % 9 === 0) : 1 + (at % 2);
  const r = at < 26 ? 90 + 60 * (at % 7) : Math.min(2_400_000, 600 * 2.3 ** (at - 26));
  const d = at < 26 ? 30 * (at + 1) : 1;
  const rung = r >= 1e6 ? "QUARANTINE" : r >= 1e5 ? "SUSPECT" : r >= 1e4 ? "WATCH" : "OK";
  return { at: ago((37 - at) * 2 * HOUR_S), r, d, n: 6, y, m: 18, c: Number(at % 5 === 0), rung };
}
const series = Array.from({ length: 37 }, (_, at) => point(at));

const evidence = (incidents: number, units: number, expected: number, r: number) => ({
  sentence: { key: "odd", incidents, units, expected, r, since: ago(3 * 24 * HOUR_S) },
  r,
  d: 1,
  n: 6,
  y: 2,
  m: 18,
  c: 0,
  blame: { level: "controller", name: id(5, 7) },
  units: ["CA-104417", "CA-104440", "CA-104452"].map((serial) => ({ serial, attemptId: null })),
  left: incidents - 3,
  strata: [{ name: "PSU-40 1.4.0, batch LOT-9", units, incidents }],
  series: [],
  changes: [],
});
const system = { name: id(5, 7), level: "controller", by: "system server", reason: null };

/** Of the host that leads the page. */
export const verdicts = HostVerdicts.parse({
  limits: {
    reached: { WATCH: 1e4, SUSPECT: 1e5, QUARANTINE: 1e6 },
    fades: 333,
    healed: 1000,
    healedAfterRepair: 20,
  },
  series,
  secondOpinion: { p: 4e-9, observed: 13, expected: 2.4, units: 84, blocks: 14 },
  history: [
    {
      id: id(6, 1),
      at: ago(2 * HOUR_S),
      what: "step",
      from: "SUSPECT",
      to: "QUARANTINE",
      ...system,
      evidence: evidence(13, 84, 1.9, 2_400_000),
    },
    {
      id: id(6, 2),
      at: ago(8 * HOUR_S),
      what: "step",
      from: "WATCH",
      to: "SUSPECT",
      ...system,
      evidence: evidence(9, 61, 1.4, 130_000),
    },
    {
      id: id(6, 3),
      at: ago(70 * HOUR_S),
      what: "repaired",
      from: null,
      to: null,
      name: "cable",
      level: "controller",
      by: "person dana",
      reason: "cable was worn",
      evidence: null,
    },
  ],
});
