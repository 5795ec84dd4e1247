export type { Blame } from "./blame.ts";
export type { Split } from "./conditional.ts";
export { Detector, type Received } from "./detector.ts";
export type { HostState } from "./host.ts";
export { LIMITS, type Rung } from "./ladder.ts";
export type { JudgedLevel, Level } from "./levels.ts";
export type { Lesson, NodeState, Since } from "./node.ts";
export type { DetectorChanges, DetectorState } from "./state.ts";
export type { Visit } from "./visit.ts";
