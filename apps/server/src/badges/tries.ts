import type { Limit, Tries } from "../limits/tries.ts";

/** A station that asks for one badge after the other guesses. A shift's change at a busy station does not reach it. */
const OF_STATION: Limit = { most: 60, inMs: 60_000 };

/** Counts a badge that a station read. Rejects with `request.too_many` when it reads too many. */
export const takeBadgeTry = (tries: Tries, stationId: string): Promise<void> =>
  tries.take(`badges of station ${stationId}`, OF_STATION);
