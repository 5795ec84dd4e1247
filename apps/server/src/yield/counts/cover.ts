import { SPANS } from "./columns.ts";

// Times in milliseconds since 1970.

/** A stretch of time, without its end. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}
/** Times of `span` seconds that are counted, one after the other. */
export interface CountedPiece extends Piece {
  readonly span: number;
}
/** A stretch of time by what is counted of it, and by what is to be counted over attempts. Nothing of it is in two pieces. */
export interface Cover {
  readonly counted: readonly CountedPiece[];
  readonly attempts: readonly Piece[];
}

const QUARTER_MS = SPANS.quarter * 1_000;
const up = (at: number, ms: number) => Math.ceil(at / ms) * ms;
const down = (at: number, ms: number) => Math.floor(at / ms) * ms;

/** Puts a piece to those before it, which it may go on. */
function add<P extends Piece>(pieces: P[], piece: P, goesOn: (before: P) => boolean): void {
  if (piece.from >= piece.to) return;
  const before = pieces.at(-1);
  if (before !== undefined && before.to === piece.from && goesOn(before)) {
    pieces[pieces.length - 1] = { ...before, to: piece.to };
  } else pieces.push(piece);
}

/**
 * Covers the time between the first and the last of `cuts` with as few counted pieces as it can, none of them across a cut. What begins at `until` or
 * later is not counted, and `touched` are quarters of an hour whose counts are not right now. `longest` seconds is the longest span that may be taken.
 */
export function coverOf(
  cuts: readonly number[],
  until: number,
  touched: readonly number[],
  longest: number = SPANS.day,
): Cover {
  const counted: CountedPiece[] = [];
  const attempts: Piece[] = [];
  const spans = [SPANS.day, SPANS.hour, SPANS.quarter].filter((span) => span <= longest);
  const wrong = new Map(
    spans.map((span) => [span, new Set(touched.map((at) => down(at, span * 1_000)))] as const),
  );
  const overAttempts = (from: number, to: number) => add(attempts, { from, to }, () => true);

  function coverPart(from: number, to: number): void {
    const begin = up(from, QUARTER_MS);
    const end = down(Math.min(to, until), QUARTER_MS);
    if (end <= begin) {
      overAttempts(from, to);
      return;
    }
    overAttempts(from, begin);
    for (let at = begin; at < end; ) {
      const span = spans.find(
        (one) => at % (one * 1_000) === 0 && at + one * 1_000 <= end && !wrong.get(one)?.has(at),
      );
      const next = at + (span ?? SPANS.quarter) * 1_000;
      if (span === undefined) overAttempts(at, next);
      else add(counted, { span, from: at, to: next }, (before) => before.span === span);
      at = next;
    }
    overAttempts(end, to);
  }
  for (const [n, to] of cuts.entries()) {
    const from = cuts[n - 1];
    if (from !== undefined) coverPart(from, to);
  }
  return { counted, attempts };
}
