import { describeCode, FlashlineError, type Grant, isReadableSerial } from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import type { JournaledAttempt } from "../journal/fold.ts";

/** Failures that say nothing of the unit; the server does not count them either. */
const OF_NO_UNIT: ReadonlySet<string> = new Set([
  "attempt.cancelled",
  "attempt.unplugged",
  "leave.other_serial",
]);

const countsAgainst = ({ summary }: JournaledAttempt): boolean => {
  const code = summary?.code ?? null;
  if (summary?.outcome !== "FAIL" || code === null || OF_NO_UNIT.has(code)) return false;
  return describeCode(code).blame !== "host";
};

/**
 * Why a unit is not flashed under a grant, by what this station knows of it: its label, who was on hold or scrapped when the grant was given, and what was
 * flashed here in the last day and a half. Undefined: nothing is known against it.
 */
export function unitRefusal(
  { serialPattern: pattern, barred, retestLimit }: Grant,
  serial: string,
  finished: readonly JournaledAttempt[],
): FlashlineError | undefined {
  if (!isReadableSerial(serial) || !serialPattern(pattern)(serial))
    return new FlashlineError("preflight.serial_malformed");
  if (barred.includes(serial)) return new FlashlineError("preflight.unit_held");
  const own = finished.filter(({ summary }) => summary?.serial === serial);
  if (own.some(({ summary }) => summary?.outcome === "PASS"))
    return new FlashlineError("preflight.already_passed");
  if (own.filter(countsAgainst).length >= retestLimit)
    return new FlashlineError("preflight.retest_limit");
  return undefined;
}
