import fc from "fast-check";
import { BEGIN, DAYS, MINUTE_MS } from "./comparing.ts";
import type { MadeAttempt } from "./plant.ts";

/** Minutes from the beginning of all that is made up. */
export const minute = fc.integer({ min: 0, max: DAYS * 24 * 60 - 1 });
/** Few units, so that many are tried several times. */
export const attempt: fc.Arbitrary<MadeAttempt> = fc.record({
  unit: fc.integer({ min: 0, max: 11 }),
  step: fc.nat(1),
  at: minute.map((n) => BEGIN + n * MINUTE_MS + 7),
  result: fc.constantFrom(
    "PASS",
    "PASS",
    "PASS",
    "FAIL",
    "FAIL",
    "cancelled",
    "contradicted",
    "untold",
  ),
  code: fc.constantFrom("link.budget", "protection.read"),
  blame: fc.constantFrom("host", "unit"),
  station: fc.nat(2),
  nest: fc.nat(1),
  host: fc.constantFrom(0, 0, 1, 1, 2),
  release: fc.nat(1),
  order: fc.nat(1),
  ms: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1e7, noNaN: true }) },
    fc.constant(null),
  ),
});
