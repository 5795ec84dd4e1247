import type { Code } from "@flashline/contract";
import type { JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";

const serialOf = ({ intent, summary }: JournaledAttempt): string | undefined =>
  summary?.serial ?? intent?.serial;

/**
 * Why a unit does not start although the server lets it through: it is, or was, flashed here under a grant, and the server has not got that result yet, so
 * it knows nothing of it. Undefined: there is no such attempt.
 */
export function untoldRefusal(
  serial: string,
  journal: Pick<Journal, "open" | "undelivered">,
): Code | undefined {
  const own = [...journal.open(), ...journal.undelivered()].filter(
    (attempt) => attempt.intent?.grant !== undefined && serialOf(attempt) === serial,
  );
  if (own.some(({ summary }) => summary?.outcome === "PASS")) return "preflight.already_passed";
  return own.length > 0 ? "preflight.nest_busy" : undefined;
}
