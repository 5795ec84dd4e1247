// Times in milliseconds since 1970.

/** A stretch of time, without its end. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long a stretch is without its breaks, milliseconds. Breaks that overlap count once. */
export function workingMs({ from, to }: Span, breaks: readonly Span[]): number {
  let rest = Math.max(0, to - from);
  let seen = from;
  for (const pause of [...breaks].sort((a, b) => a.from - b.from)) {
    const begins = Math.max(pause.from, seen);
    const ends = Math.min(pause.to, to);
    if (ends <= begins) continue;
    rest -= ends - begins;
    seen = ends;
  }
  return rest;
}
