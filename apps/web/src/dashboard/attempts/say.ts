import { type AttemptDetail, called } from "@flashline/contract";
import { counted, duration } from "../../shared/format.ts";
import { meaningOf } from "../../shared/meaning.ts";

type Told = Readonly<
  Pick<
    AttemptDetail,
    "station" | "nest" | "version" | "outcome" | "durationMs" | "linkIncident" | "phase" | "code"
  >
> & {
  readonly incidents: readonly unknown[];
  /** Of all incidents, by code; a page may be told only some of them. */
  readonly incidentCounts?: Readonly<Record<string, number>> | undefined;
  readonly contradictions: readonly string[];
};

/** How many incidents an attempt had. */
export const incidentsOf = ({
  incidents,
  incidentCounts,
}: Pick<Told, "incidents" | "incidentCounts">): number =>
  incidentCounts === undefined
    ? incidents.length
    : Object.values(incidentCounts).reduce((sum, n) => sum + n, 0);

/** An attempt in a sentence or two, for somebody who did not see it. */
export function sayAttempt(attempt: Told): string {
  const where = `at ${attempt.station}, ${called("nest", attempt.nest)}`;
  const time = attempt.durationMs === null ? "" : ` in ${duration(attempt.durationMs)}`;
  const link = counted(incidentsOf(attempt), "incident");
  if (attempt.outcome === null) return `In work ${where} with release ${attempt.version}.`;
  if (attempt.outcome === "PASS") {
    // Such a result is not believed: the page says what was reported, not what happened.
    const flashed = attempt.contradictions.length === 0 ? "Flashed" : "Reported as flashed";
    const passed = `${flashed} with ${attempt.version} ${where}${time}, read back and equal.`;
    return attempt.linkIncident ? `${passed} The link had to be recovered: ${link}.` : passed;
  }
  const phase = attempt.phase === null ? "" : ` in phase ${attempt.phase}`;
  const reason = attempt.code === null ? "" : ` ${meaningOf(attempt.code)}`;
  return `Failed ${where}${time}${phase}.${reason}`;
}
