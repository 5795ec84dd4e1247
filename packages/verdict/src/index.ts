export type { Blame } from "./blame.ts";
export type { Split } from "./conditional.ts";
export { Detector, METHOD, type Received } from "./detector.ts";
export { FRESH, faultEvidence, START } from "./evidence.ts";
export type { HostState } from "./host.ts";
export { isAbove, LIMITS, type Rung } from "./ladder.ts";
export type { JudgedLevel, Level } from "./levels.ts";
export { FIRST_RATE } from "./line.ts";
export type { Lesson, NodeState, Since } from "./node.ts";
export type { DetectorChanges, DetectorState } from "./state.ts";
export {
  ARMS,
  type Arm,
  armInControl,
  armInPair,
  CONTROL_OF,
  type ControlBlock,
  evidenceAgainst,
  GIVEN_UP_FROM,
  type Pair,
  standingOf,
  type TrialDecision,
  type TrialFigures,
  type TrialStanding,
  type Tried,
} from "./trial.ts";
export type { Visit } from "./visit.ts";
