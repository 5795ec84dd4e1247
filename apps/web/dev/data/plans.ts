import { PaceView, PlanView } from "@flashline/contract";
import { id } from "./basics.ts";

const HOUR = 3_600_000;
const day = (ahead: number) => new Date(Date.now() + ahead * 24 * HOUR).toISOString().slice(0, 10);

export const plans = [0, 1, 2, 3].flatMap((ahead) =>
  [
    ["early", "MC-2", 300, 7.25],
    ["early", "PSU-40", 120, 7.25],
    ["late", null, 480, 8],
  ].map(([shift, product, units, workingH], number) =>
    PlanView.parse({
      id: id(21, ahead * 3 + number),
      plant: "Graz",
      line: "Line 3",
      day: day(ahead),
      shift,
      product,
      units,
      workingMs: Number(workingH) * HOUR,
    }),
  ),
);

const ZONE = "Europe/Vienna";
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: ZONE,
});
const hourOf = (at: number): number => Number(clock.format(at).slice(0, 2));
const shiftAt = (hour: number): string =>
  hour >= 6 && hour < 14 ? "early" : hour >= 14 && hour < 22 ? "late" : "night";

/** A shift that began a little over five hours ago. */
export function paceOf(query: URLSearchParams) {
  const from = Math.floor(Date.now() / HOUR) * HOUR - 5 * HOUR;
  const line = query.get("line") ?? "";
  const units = line === "Line 3" ? 420 : null;
  const workedMs = Date.now() - from - HOUR / 4;
  const workingMs = 7.25 * HOUR;
  const perHour = [52, 55, 41, 38, 54, 12, 0, 0];
  const made = perHour.reduce((sum, one) => sum + one, 0);
  const due = Math.floor((420 * workedMs) / workingMs);
  const iso = (at: number) => new Date(at).toISOString();
  const cycle = (ms: number | null, n: number) => ({ ms, n });
  return PaceView.parse({
    asOf: iso(Date.now()),
    plant: query.get("plant") ?? "Graz",
    line,
    timeZone: ZONE,
    made,
    virtual: false,
    projected: Math.round((made * workingMs) / workedMs),
    shift: {
      name: shiftAt(hourOf(from + HOUR)),
      day: day(0),
      from: iso(from),
      to: iso(from + 8 * HOUR),
      workingMs,
      workedMs,
      breaks: [
        { from: iso(from + 3 * HOUR), to: iso(from + 3.25 * HOUR) },
        { from: iso(from + 6 * HOUR), to: iso(from + 6.5 * HOUR) },
      ],
    },
    plan:
      units === null
        ? null
        : {
            units,
            taktMs: workingMs / 420,
            made,
            due,
            ahead: made - due,
            aheadMs: made * (workingMs / 420) - workedMs,
          },
    products: [
      { product: "MC-2", made: 201, units: 300 },
      { product: "PSU-40", made: made - 201, units: 120 },
    ],
    cycle: cycle(64_200, 240),
    stations: [
      { station: "L3-02", made: 88, cycle: cycle(190_000, 84) },
      { station: "L3-04", made: 81, cycle: cycle(201_000, 77) },
      { station: "L3-05", made: 80, cycle: cycle(187_000, 79) },
      { station: "L3-07", made: 3, cycle: cycle(null, 2) },
    ],
    buckets: perHour.map((one, n) => ({
      from: iso(from + n * HOUR),
      to: iso(from + (n + 1) * HOUR),
      label: clock.format(from + n * HOUR),
      made: one,
      planned: units === null ? null : n === 3 ? 43.4 : n === 6 ? 29 : 57.9,
    })),
  });
}
