export { Blame, type CodeEntry, ENGINE_CODES, type EngineCode } from "./codes.ts";
export { DfuError, type DfuErrorOptions } from "./errors.ts";
export {
  type Image,
  type ImageFormat,
  type ParseImageOptions,
  parseImage,
  type Segment,
  type TargetDevice,
} from "./image/index.ts";
export type { LayoutSectors, LayoutZone, MemoryLayout } from "./layout/layout.ts";
export {
  gentler,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from "./pacing/profiles.ts";
export { FAMILY_NAMES, type FamilyName } from "./parts/part.ts";
export type { FlashPlan, PlannedRun, PlannedSector, RemainderRule } from "./plan/plan.ts";
export type {
  ChipOptions,
  EraseOptions,
  FlashOptions,
  InfoReport,
  LeaveOptions,
  ReadOptions,
  ReadReport,
  RemainderSnapshot,
  UnitInfo,
  UnitIo,
  VerifyOptions,
} from "./session/options.ts";
export type { ChipIdentity, EngineEvent, FlashReport, Incident, Phase } from "./session/report.ts";
export { eraseUnit, flashUnit, leaveUnit, readUnit, unitInfo, verifyUnit } from "./session/unit.ts";
