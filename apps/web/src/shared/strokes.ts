/** One character as it was typed. */
export interface Stroke {
  readonly char: string;
  /** Milliseconds on any monotonic clock. */
  readonly at: number;
}

/** Keys closer than this come from a scanner: typical are 7 to 16 ms, people stay above 60 ms. */
const BURST_GAP_MS = 45;
/** A pause of this length starts something new. */
const PAUSE_MS = 350;
/** Shorter bursts may be two fingers on one key. */
const MIN_BURST = 4;

/**
 * What a line of strokes that ended in Enter means. A scan that follows stray characters (a sleeve on the keyboard) is
 * taken alone; what a person typed is taken whole.
 */
export function lineOf(strokes: readonly Stroke[]): { text: string; scanned: boolean } {
  let start = strokes.length - 1;
  while (start > 0 && gapBefore(strokes, start) <= BURST_GAP_MS) start -= 1;
  const burst = strokes.slice(Math.max(0, start));
  const apart = start <= 0 || gapBefore(strokes, start) >= PAUSE_MS;
  const scanned = burst.length >= MIN_BURST && apart;
  const text = (scanned ? burst : strokes).map((stroke) => stroke.char).join("");
  return { text: text.trim(), scanned };
}

function gapBefore(strokes: readonly Stroke[], index: number): number {
  const [before, now] = [strokes[index - 1], strokes[index]];
  return before === undefined || now === undefined ? Number.POSITIVE_INFINITY : now.at - before.at;
}
