export { Blame, type CodeEntry, ENGINE_CODES, type EngineCode } from "./codes.ts";
export { type Explanation, explain } from "./diagnosis/index.ts";
export { DfuError, type DfuErrorOptions, hex32 } from "./errors.ts";
export { type Figures, figuresOf, NO_FIGURES } from "./figures.ts";
export {
  type ChipIdentity,
  type ChipMatch,
  chipClassMatches,
  type Identification,
  identify,
} from "./identity/identify.ts";
export {
  type AddressRange,
  type AddressSpan,
  appendSuffix,
  DEFAULT_ADDRESS,
  type EncodeDfuseOptions,
  encodeDfuse,
  encodeHex,
  encodeRaw,
  encodeSrec,
  type Image,
  type ImageFormat,
  isSecret,
  mergeImages,
  type ParseImageOptions,
  type PartOptions,
  parseImage,
  partOfImage,
  rebaseImage,
  type Segment,
  type TargetDevice,
} from "./image/index.ts";
export {
  formatMemoryLayout,
  type LayoutSectors,
  type LayoutZone,
  type MemoryLayout,
  parseMemoryLayout,
} from "./layout/index.ts";
export {
  CONFIRMATIONS,
  type Confirmation,
  OPTION_SCHEMAS,
  type OptionSchema,
  type OptionSettings,
  type OptionValue,
  optionZonesOf,
  parseOptionValue,
} from "./options/index.ts";
export {
  gentler,
  gentlerOf,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from "./pacing/profiles.ts";
export {
  type BankMode,
  bareChipName,
  FAMILIES,
  FAMILY_NAMES,
  type Family,
  type FamilyName,
  isSharedSerial,
  PARTS,
  type Part,
  partNamed,
} from "./parts/index.ts";
export {
  applyPatches,
  type ContentHash,
  type PatchedImage,
  type PatchField,
  type PatchValue,
  type PatchValues,
} from "./patch/index.ts";
export { atFlashAddress } from "./plan/aliases.ts";
export { flashSizeOf } from "./plan/flash-size.ts";
export { formatPlan } from "./plan/format.ts";
export { type UnitGeometry, type UnreadMemory, unitGeometry } from "./plan/geometry.ts";
export { checkInFlash } from "./plan/in-flash.ts";
export type { UnitMemory } from "./plan/memories.ts";
export { planPicture } from "./plan/picture.ts";
export type { FlashPlan, PlannedRun, PlannedSector, RemainderRule } from "./plan/plan.ts";
export { type PlanOptions, planFlash } from "./plan/plan-flash.ts";
export { AVOIDED, QUIRKS, type Quirk } from "./quirks/index.ts";
export { checkImages, type NamedImage } from "./release/index.ts";
export { codeOfFault } from "./session/link/trouble.ts";
export { type DriveOptions, drive } from "./session/machine/drive.ts";
export type {
  ChipOptions,
  EraseOptions,
  FlashOptions,
  InfoReport,
  LeaveOptions,
  ReadOptions,
  ReadReport,
  UnitInfo,
  UnitIo,
  VerifyOptions,
} from "./session/machine/options.ts";
export type {
  EngineEvent,
  FlashReport,
  Incident,
  LeftWith,
  Phase,
} from "./session/machine/report.ts";
export {
  type OptionBytes,
  type OptionsReport,
  OTP_CONFIRMATION,
  UNPROTECT_CONFIRMATION,
  type UnprotectOptions,
  type WriteOptionsOptions,
  type WriteOtpOptions,
} from "./session/option-bytes/index.ts";
export type { DetachOptions } from "./session/plain/detach.ts";
export type { PlainFlashOptions } from "./session/plain/options.ts";
export type { CheckOptions } from "./session/tools/check.ts";
export {
  checkUnit,
  detachUnit,
  eraseUnit,
  flashPlainUnit,
  flashUnit,
  leaveUnit,
  readOptions,
  readUnit,
  unitInfo,
  unprotectUnit,
  verifyUnit,
  writeOptions,
  writeOtp,
} from "./session/unit.ts";
export type { SnapshotStore } from "./snapshot/store.ts";
