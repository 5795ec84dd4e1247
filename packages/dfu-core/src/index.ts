export { Blame, type CodeEntry, ENGINE_CODES, type EngineCode } from "./codes.ts";
export type { FlashPlan, PlannedRun, PlannedSector, RemainderRule } from "./plan/plan.ts";
export type { ChipIdentity, EngineEvent, FlashReport, Incident, Phase } from "./session/report.ts";
