export { Blame, type CodeEntry, ENGINE_CODES, type EngineCode } from "@flashline/dfu-core/codes";
export { eachFigure, FIGURES, type Figure } from "@flashline/dfu-core/figures";
export {
  AcquireRequest,
  AGENT_ABILITIES,
  type AgentAbility,
  CancelRequest,
  EnrollAnswer,
  EnrollRequest,
  JobAccepted,
  JobImage,
  JobRequest,
  LeasedJob,
  PreflightAnswer,
  PreflightRequest,
  RenewAnswer,
  RenewRequest,
  StartAnswer,
  StartRequest,
  StationSetup,
  StationStatus,
  StatusAnswer,
} from "./agent.ts";
export {
  ALARM_RULE_NAMES,
  ALARM_RULES,
  type AlarmRule,
  type AlarmRuleEntry,
  type AlarmSetting,
  describeAlarm,
} from "./alarm-rules.ts";
export {
  AlarmRuleRequest,
  AlarmRuleView,
  AlarmTrial,
  AlarmTrialRequest,
  AlarmView,
  EndAlarmRequest,
  LeadCall,
  LeadCallRequest,
  MOST_TRIED,
  RecipientRequest,
  RecipientView,
  TakeAlarmRequest,
} from "./alarms.ts";
export {
  AttemptFigures,
  AttemptResult,
  IncidentRecord,
  PatchRecord,
  ResultAnswer,
  ShownApplication,
} from "./attempt.ts";
export {
  BADGE_ENDS,
  type BadgeEnd,
  BadgeHolder,
  BadgeKeyView,
  BadgeView,
  StationBadges,
} from "./badges.ts";
export { called } from "./called.ts";
export {
  CanaryEvidence,
  CanaryPauseRequest,
  CanaryRequest,
  CanaryResumeRequest,
  CanaryView,
  describeEvidence,
} from "./canary.ts";
export { ChannelName, ChannelRequest, ChannelView, MoveChannelRequest } from "./channels.ts";
export {
  type CallAnswer,
  type CallInput,
  type Client,
  type ClientOptions,
  createClient,
  type Fetch,
  type FetchAnswer,
  RefusedError,
} from "./client.ts";
export { CODES, type Code, type ContractCodeEntry, describeCode, isKnownCode } from "./codes.ts";
export {
  Id,
  isReadableSerial,
  isStorableText,
  isStorableTime,
  Name,
  normaliseSerial,
  PROTOCOL,
  PROTOCOL_HEADER,
  PROTOCOL_RANGE,
  Proportion,
  Serial,
  Sha256,
  Timestamp,
  VERSION_HEADER,
} from "./common.ts";
export { CONTRADICTIONS, type Contradiction, describeContradiction } from "./contradictions.ts";
export { isDoubted, StationController, StationControllers } from "./controllers.ts";
export {
  AttemptDetail,
  AttemptView,
  HostsView,
  HostView,
  LiveEvent,
  StationView,
  UnitDetail,
  UnitView,
} from "./dashboard.ts";
export { DoctorFinding, DoctorReport, FINDING_LEVELS, StationDoctor } from "./doctor.ts";
export type { Access, Endpoint } from "./endpoints/endpoint.ts";
export { ENDPOINTS, type EndpointName, LIVE_PATH } from "./endpoints/index.ts";
export { ErrorBody, FlashlineError, isCode, RefusalParameters } from "./error.ts";
export {
  DOORS,
  type Door,
  type EventKind,
  SUBJECT_KINDS,
  type SubjectKind,
  WHO_KINDS,
  type WhoKind,
} from "./events/event.ts";
export { EVENTS, type EventData, type EventName, eventVersion } from "./events/index.ts";
export {
  AuditPage,
  dataSchema,
  FeedPage,
  LedgerChain,
  LedgerEvent,
} from "./events/ledger-event.ts";
export {
  EXCEPTION_STATES,
  Exception,
  ExceptionDetail,
  ExceptionView,
  LARGEST_EXCEPTION,
  LIFTABLE,
  type Liftable,
  LONGEST_EXCEPTION_DAYS,
  MOST_EXCEPTED_UNITS,
  readException,
  SignedException,
  WithdrawExceptionRequest,
} from "./exception.ts";
export {
  GOLDEN_AREAS,
  GOLDEN_CYCLES,
  GOLDEN_EVERY,
  GOLDEN_OVERDUE,
  GOLDEN_RULE,
  GOLDEN_RUN_STATES,
  GOLDEN_STATES,
  GoldenAnswer,
  GoldenCheckView,
  GoldenDetail,
  GoldenFigures,
  GoldenNest,
  GoldenOpenRequest,
  GoldenOrder,
  GoldenRequest,
  GoldenRule,
  GoldenRuleRequest,
  GoldenRunEffect,
  GoldenRunQuery,
  GoldenRunRequest,
  GoldenRunView,
  GoldenStartRequest,
  type GoldenState,
  GoldenView,
  HostGolden,
  MOST_GOLDEN_RUNS,
} from "./golden.ts";
export { GoldenScan, GoldenSetup } from "./golden-setup.ts";
export {
  GRANT_RULES,
  GrantRules,
  LONGEST_GRANT_HOURS,
  MOST_GRANTED_UNITS,
  USUAL_GRANT_HOURS,
} from "./grant-rules.ts";
export {
  EndGrantRequest,
  GRANT_STATES,
  Grant,
  GrantAnswer,
  GrantRequest,
  GrantUse,
  GrantView,
  MOST_BARRED,
  MOST_BARRED_BEFORE,
  PlantGrantsRequest,
  SignedGrant,
} from "./grants.ts";
export {
  describeSpared,
  PlantGuard,
  PlantGuardRequest,
  SPARED_FOR,
  type SparedFor,
} from "./guard.ts";
export {
  HOLD_ACCESS,
  HOLD_CODES,
  HOLD_KINDS,
  HoldEffect,
  type HoldKind,
  HoldNote,
  HoldRequest,
  HoldSet,
  HoldTarget,
  HoldTargetQuery,
  HoldView,
  LiftRequest,
  Reason,
} from "./holds.ts";
export { CONTROLLER_KINDS, HostFingerprint, HUB_TTS, HubLink, hostKey } from "./host.ts";
export {
  describeEntry,
  entryReason,
  HOST_REPAIRS,
  HostRepairEffect,
  HostRepairRequest,
  HostVerdicts,
  SecondOpinion,
  StepEvidence,
  VerdictEntry,
  VerdictLimits,
  VerdictPoint,
} from "./host-history.ts";
export {
  adviceTexts,
  BLAME_LEVELS,
  describeAdvice,
  describeBlame,
  describeFailures,
  describeSentence,
  evidenceText,
  FLAG_TEXT,
  HostAdvice,
  HostBlame,
  HostSentence,
  RUNGS,
  type VerdictRung,
} from "./host-verdict.ts";
export {
  LABEL_VALUES,
  type LabelTemplate,
  type LabelValue,
  type LabelValues,
  labelCode,
  labelZpl,
  MOST_LABEL_TEMPLATE,
  readLabelTemplate,
  readScanBack,
} from "./label-template.ts";
export {
  AskLabelRequest,
  DecideLabelRequest,
  LABEL_DECISIONS,
  LABEL_DEEDS,
  type LabelDecision,
  type LabelDeed,
  LabelEntry,
  LabelEntryView,
  LabelPreview,
  LabelPreviewRequest,
  LabelReport,
  LabelRequest,
  LabelStage,
  LabelView,
  LeasedLabel,
  labelSentence,
  MOST_LABEL_ENTRIES,
  REPRINT_REASONS,
  REPRINTS,
  type ReprintReason,
} from "./labels.ts";
export {
  OPERATOR_RULES,
  OperatorRules,
  StationOperatorRules,
  StationOperators,
} from "./operators.ts";
export {
  OrderAtStation,
  OrderReleaseRequest,
  QuantityRequest,
  ReopenRequest,
  SetStationsRequest,
  StationLeaves,
  USUAL_PRIORITY,
  WorkOrderDetail,
  WorkOrderRequest,
  WorkOrderView,
} from "./orders.ts";
export {
  HOLD_OVERRIDE_MS,
  isOverridable,
  mayOverride,
  OVERRIDABLE,
  OVERRIDE_ANSWERS,
  OVERRIDE_REASONS,
  OVERRIDES,
  type Overridable,
  Overridden,
  type OverrideAnswer,
  type OverrideReason,
  OverrideRequest,
} from "./overrides.ts";
export {
  describeTrial,
  HostPacing,
  HostProfileEffect,
  HostProfileRequest,
  RestartTrialRequest,
  TRIAL_PROFILES,
  TRIAL_STATES,
  TrialFigures,
  type TrialProfile,
  type TrialState,
  TrialView,
  trialSaves,
} from "./pacing.ts";
export { DASHBOARD_PAGES } from "./pages.ts";
export { numberFor, PatchFieldSpec, PatchSpec, ValueName, ValueSource } from "./patch.ts";
export {
  Ended,
  KeyRadius,
  KeyView,
  LEAST_PASSWORD,
  LOG_IN_WAYS,
  LoginRequest,
  LoginWays,
  OpenSession,
  PersonChanged,
  PersonDetail,
  PersonIdentity,
  PersonRequest,
  PersonView,
  RetireKeyRequest,
  SessionView,
  TokenAdded,
  TokenRequest,
  TokenView,
} from "./people.ts";
export {
  PaceQuery,
  PaceView,
  PlanRow,
  PlansAnswer,
  PlansQuery,
  PlansRequest,
  PlanView,
} from "./plan.ts";
export { type ListedCells, PLAN_COLUMNS, type ReadPlans, readPlanRows } from "./plan-list.ts";
export {
  EnrollmentToken,
  LineChange,
  LineRequest,
  LineView,
  MoveQuery,
  MoveRequest,
  PartView,
  PlacesQuery,
  PlantChange,
  PlantRequest,
  PlantView,
  ProductChange,
  ProductRequest,
  ProductView,
  Retirement,
  StationMove,
  StationRequest,
  UnitsAdded,
  UnitsRequest,
} from "./plant.ts";
export {
  AfterLeave,
  Recipe,
  RecipeView,
  SerialRule,
  serialRuleText,
  viewRecipe,
} from "./recipe.ts";
export {
  ImageUploaded,
  LARGEST_MANIFEST,
  Manifest,
  PromoteQuery,
  PublishRequest,
  ReleaseView,
  RevokeRequest,
  readingOf,
  WithdrawRequest,
} from "./release.ts";
export { DryRunQuery, ReleaseDryRun, ReleaseRadius } from "./release-reach.ts";
export {
  RETEST_LIMIT,
  REWORK_KINDS,
  RepairRequest,
  RetestLimitRequest,
  ReworkRequest,
  UnitRework,
} from "./rework.ts";
export {
  type Right,
  ROLES,
  rights,
  rightsRows,
  rightsTable,
  roleMay,
  SCOPES,
} from "./roles.ts";
export {
  ATTEMPT_COLUMNS,
  AttemptSelection,
  ListedSelection,
  UNIT_COLUMNS,
  WINDOWS,
} from "./selection.ts";
export { BadRow, SerialListAnswer, SerialListRequest, SerialRow } from "./serial-list.ts";
export { AttemptSort, OrderSort, ReleaseSort, UnitSort } from "./sorts.ts";
export {
  HostVerdict,
  JobEvent,
  JobState,
  NestState,
  nextJobState,
  OPEN_JOB_STATES,
  Outcome,
  ReleaseCheck,
  ReleaseState,
  Role,
  TokenScope,
  WorkOrderState,
} from "./states.ts";
export {
  AcknowledgeRequest,
  Barcode,
  CallView,
  DecideRequest,
  firstToAcknowledge,
  MOST_NESTS,
  NestChange,
  NestGolden,
  type NestIn,
  NestProgress,
  NestRefusal,
  NestView,
  NoticeMessage,
  ScanRequest,
  StartNestRequest,
  StationNotice,
  StationPageView,
  WAYS,
  type Way,
} from "./station-page.ts";
export {
  CONTAINMENT_COLUMNS,
  ContainmentView,
  UnitDossier,
} from "./trace.ts";
export { whyUnreachable } from "./unreachable.ts";
export {
  compareVersions,
  LARGEST_UPDATE,
  LARGEST_UPDATE_MANIFEST,
  MOST_UNPACKED,
  MOST_UPDATE_FILES,
  mayFollow,
  runsOnNode,
  UPDATE_OBSTACLES,
  UpdateFacts,
  UpdateManifest,
  type UpdateObstacle,
  UpdateVersion,
  updateObstacle,
} from "./update-manifest.ts";
export { describePlan, describeStationUpdate } from "./update-words.ts";
export {
  BundleQuery,
  PlannedStation,
  PUSH_STATES,
  PushPlan,
  PushQuery,
  PushReasonRequest,
  PushRequest,
  PushView,
  StationUpdate,
  StationVersion,
  UPDATE_PART,
  UPDATE_STATES,
  UPDATE_STEPS,
  UpdateProgress,
  UpdateReport,
  UpdateRequest,
  type UpdateStep,
  UpdateView,
  WantedUpdate,
  WithdrawUpdateRequest,
} from "./updates.ts";
export {
  LARGEST_IMAGE,
  LARGEST_PART,
  PartQuery,
  UPLOAD_HOURS,
  UploadQuery,
  UploadView,
} from "./uploads.ts";
export {
  GiveValuesRequest,
  RangeRequest,
  RangeView,
  UnitValueView,
  ValuesGiven,
} from "./values.ts";
export {
  DeadLetter,
  LettersRequest,
  WebhookChange,
  WebhookRequest,
  WebhookSecret,
  WebhookTested,
  WebhookView,
} from "./webhooks.ts";
export {
  COMPARISONS,
  Difference,
  YIELD_DIMENSIONS,
  YieldBucket,
  YieldQuery,
  YieldView,
} from "./yield.ts";
