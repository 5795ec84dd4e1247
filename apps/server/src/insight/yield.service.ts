import { FlashlineError, type YieldView } from "@flashline/contract";
import { proportion } from "../verdict/index.ts";
import type { YieldRepository } from "./yield.repository.ts";

/** A plant's day so far, each share with its interval. Cohorts are decided by the server's clock. Throws `request.not_found`. */
export async function yieldToday(
  repository: YieldRepository,
  product: string | null,
  plant: string | null,
): Promise<YieldView> {
  const day = await repository.day(plant);
  if (day === undefined) {
    const parameters = { what: `plant "${plant}"` };
    throw new FlashlineError("request.not_found", `There is no ${parameters.what}.`, {
      parameters,
    });
  }
  const counts = await repository.of(day, product);
  const { cohort, firstPassed, attempts } = counts;
  return {
    asOf: day.now.toISOString(),
    from: day.from.toISOString(),
    to: day.to.toISOString(),
    timeZone: day.timeZone,
    product,
    plant: day.plant,
    firstPass: proportion(firstPassed, cohort),
    productFirstPass: proportion(firstPassed, cohort - counts.hostFailed),
    finalYield: proportion(counts.finallyPassed, cohort),
    attemptYield: proportion(counts.passedAttempts, attempts),
    linkIncidents: proportion(counts.incidents, attempts),
    unitsPassed: counts.unitsPassed,
    unknownJobs: counts.unknownJobs,
    medianMs: counts.medianMs,
    p95Ms: counts.p95Ms,
    buckets: counts.hours.map(({ from, to, label, n, passed }) => ({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      label,
      firstPass: proportion(passed, n),
    })),
    pareto: counts.firstFailures,
  };
}
