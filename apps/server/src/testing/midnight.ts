import { setTimeout as pause } from "node:timers/promises";
import { beforeAll } from "vitest";

/** No file takes so long, milliseconds. */
const LONGEST_FILE_MS = 180_000;
const DAY_MS = 86_400_000;

/** Until the next midnight there, milliseconds; on a day on which the clock is changed, right in its last hours. */
function untilMidnight(timeZone: string, now: number): number {
  const clock = new Date(now).toLocaleTimeString("en-GB", { timeZone });
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return DAY_MS - (hours * 3_600 + minutes * 60 + seconds) * 1_000;
}

/**
 * For a file that looks at what happened today, by the seeded plant's clock or by UTC: it begins after midnight where that is near. Else
 * it would tell of one day and ask about the next.
 */
export function onOneDay(): void {
  beforeAll(async () => {
    for (const zone of ["Europe/Vienna", "UTC"]) {
      const left = untilMidnight(zone, Date.now());
      if (left < LONGEST_FILE_MS) await pause(left);
    }
  }, 2 * LONGEST_FILE_MS);
}
