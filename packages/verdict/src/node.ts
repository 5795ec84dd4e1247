import type { Tally } from "./block.ts";
import type { Split } from "./conditional.ts";
import { faultEvidence, START, take } from "./evidence.ts";
import { climb, LEAST_UNITS, NEW_STANDING, type Rung, repair, type Standing } from "./ladder.ts";
import { type JudgedLevel, SOUGHT } from "./levels.ts";
import { expectedOf } from "./past.ts";
import type { Part, ShownOfPieces } from "./yardstick.ts";

/** What is told of a group in words, since the evidence against it began to grow. JSON. */
export interface Since {
  /** When the first of these units was received, ms since 1970. */
  readonly at: number;
  readonly units: number;
  readonly incidents: number;
  /** Incidents that those compared with let expect in the same blocks. */
  readonly expected: number;
  /** The first units with an incident; three, or all when there are fewer. */
  readonly failed: readonly string[];
  /** Of a PC or a model: the incidents of each of its pieces that had some, also of the one that is left out. */
  readonly pieces?: ShownOfPieces["incidents"];
}

/** All that is kept of a group that is judged. JSON. */
export interface NodeState {
  readonly level: JudgedLevel;
  /** The host, the PC, the controller model or the stratum. */
  readonly name: string;
  readonly standing: Standing;
  /** Undefined while nothing speaks against the group. */
  readonly since: Since | undefined;
  /** When the last block with units of the group closed, ms since 1970. */
  readonly at: number;
}

/** What one block taught about one group: a point of the line that a page draws of R. */
export interface Lesson {
  readonly level: JudgedLevel;
  readonly name: string;
  readonly split: Split;
  /** Evidence for a fault after the block, as it decided: a healthy group looks this bad less than once in so many units. */
  readonly r: number;
  /** Evidence for health after the block. */
  readonly d: number;
  readonly from: Rung;
  /** Other than `from`: a step of the ladder. */
  readonly to: Rung;
  readonly since: Since;
  /** When the visit that closed the block was received, ms since 1970. */
  readonly at: number;
}

export const newNode = (level: JudgedLevel, name: string, at: number): NodeState => ({
  level,
  name,
  standing: NEW_STANDING,
  since: undefined,
  at,
});

export function learn(
  before: NodeState,
  part: Part,
  at: number,
): { readonly after: NodeState; readonly lesson: Lesson } {
  const { level, name } = before;
  const { split } = part;
  const evidence = take(before.standing.evidence, part, SOUGHT[level]);
  const since = sinceAfter(before.since, part);
  const standing = climb(
    before.standing,
    evidence,
    isShown(since, part.pieces) ? since.failed.length : 0,
  );
  // Up to its start nothing speaks against the group: what comes now is a new story.
  const isCalm = standing.rung === "OK" && faultEvidence(standing.evidence) <= START;
  const [from, to] = [before.standing.rung, standing.rung];
  return {
    after: { level, name, standing, since: isCalm ? undefined : since, at },
    lesson: { level, name, split, r: faultEvidence(evidence), d: evidence.d, from, to, since, at },
  };
}

export const repairNode = (before: NodeState): NodeState => ({
  ...before,
  standing: repair(before.standing),
  since: undefined,
});

/** Of the pieces of a group, all or so many must have lost the link so often before the group is blamed: else one bad host blames its model. */
const LEAST_PIECES = 3;
const LEAST_OF_PIECE = 2;

function isShown({ pieces: shown = {} }: Since, pieces: ShownOfPieces | undefined): boolean {
  if (pieces === undefined) return true;
  const bad = Object.values(shown).filter((incidents) => incidents >= LEAST_OF_PIECE);
  return bad.length >= Math.min(LEAST_PIECES, pieces.count);
}

function sinceAfter(before: Since | undefined, { split, own, pieces }: Part): Since {
  return {
    at: before?.at ?? Math.min(...own.map(({ since }) => since)),
    units: (before?.units ?? 0) + split.n,
    incidents: (before?.incidents ?? 0) + split.y,
    expected: (before?.expected ?? 0) + expectedOf(split),
    failed: firstFailed(before?.failed ?? [], own),
    ...(pieces && { pieces: piecesAfter(before?.pieces ?? {}, pieces.incidents) }),
  };
}

function piecesAfter(
  before: ShownOfPieces["incidents"],
  found: ShownOfPieces["incidents"],
): ShownOfPieces["incidents"] {
  const after: Record<string, number> = { ...before };
  for (const [piece, incidents] of Object.entries(found))
    if (incidents > 0) after[piece] = (after[piece] ?? 0) + incidents;
  return after;
}

function firstFailed(before: readonly string[], own: readonly Tally[]): readonly string[] {
  if (before.length >= LEAST_UNITS) return before;
  const failed = new Set([...before, ...own.flatMap((tally) => tally.failed)]);
  return [...failed].slice(0, LEAST_UNITS);
}
