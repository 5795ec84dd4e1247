import type { Code } from "@flashline/contract";
import type { JournaledAttempt } from "../journal/fold.ts";

/**
 * Why a unit does not start although the server lets it through: it was flashed here under a grant, and the server has not got that result yet, so it knows
 * nothing of it. Undefined: no such result waits.
 */
export function untoldRefusal(
  serial: string,
  undelivered: readonly JournaledAttempt[],
): Code | undefined {
  const own = undelivered.filter(
    ({ intent, summary }) => intent?.grant !== undefined && summary?.serial === serial,
  );
  if (own.some(({ summary }) => summary?.outcome === "PASS")) return "preflight.already_passed";
  return own.length > 0 ? "preflight.nest_busy" : undefined;
}
