/** Lifecycle of a job. PostgreSQL holds it; updates say `WHERE state = from AND epoch = …`. */
export const JobState = {
  Queued: "QUEUED",
  Offered: "OFFERED",
  Leased: "LEASED",
  Running: "RUNNING",
  Passed: "PASSED",
  Failed: "FAILED",
  Cancelled: "CANCELLED",
  Unknown: "UNKNOWN",
  Superseded: "SUPERSEDED",
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/** What moves a job. */
export const JobEvent = {
  /** The dispatcher offers the job to its station. */
  Dispatch: "dispatch",
  /** The station took the job; the epoch grows by one. */
  Acquire: "acquire",
  /** Offered, but not fetched in time. */
  OfferExpired: "offer-expired",
  /** The agent is about to erase. */
  Start: "start",
  /** Lease ran out before the start was acknowledged. */
  LeaseExpired: "lease-expired",
  /** The lease ran out after the start: the unit's content is not known. */
  LeaseLost: "lease-lost",
  ResultPass: "result-pass",
  ResultFail: "result-fail",
  /** A person or a check that refuses; or the agent says that nothing was erased. */
  Cancel: "cancel",
  /** A scan opened a new job for the same unit. */
  Supersede: "supersede",
} as const;
export type JobEvent = (typeof JobEvent)[keyof typeof JobEvent];

/** The one table of job transitions. What is not in it cannot happen. */
export const JOB_TRANSITIONS = {
  QUEUED: { dispatch: "OFFERED", cancel: "CANCELLED" },
  OFFERED: { acquire: "LEASED", "offer-expired": "QUEUED", cancel: "CANCELLED" },
  LEASED: { start: "RUNNING", "lease-expired": "QUEUED", cancel: "CANCELLED" },
  RUNNING: {
    "result-pass": "PASSED",
    "result-fail": "FAILED",
    cancel: "CANCELLED",
    "lease-lost": "UNKNOWN",
  },
  UNKNOWN: { "result-pass": "PASSED", "result-fail": "FAILED", supersede: "SUPERSEDED" },
  PASSED: {},
  FAILED: {},
  CANCELLED: {},
  SUPERSEDED: {},
} as const satisfies Record<JobState, Partial<Record<JobEvent, JobState>>>;

/** The state after `event`, or undefined when the table forbids it. */
export function nextJobState(from: JobState, event: JobEvent): JobState | undefined {
  const row: Partial<Record<JobEvent, JobState>> = JOB_TRANSITIONS[from];
  return row[event];
}

/** Jobs that keep their unit and their nest: at most one of them each. */
export const OPEN_JOB_STATES = [
  JobState.Queued,
  JobState.Offered,
  JobState.Leased,
  JobState.Running,
] as const;

/**
 * Of a release. Only a released one can be started, and a canary by its units; what is paused goes on as a canary or is revoked; a revoked
 * one stays revoked.
 */
export const ReleaseState = {
  Draft: "draft",
  Canary: "canary",
  Paused: "paused",
  Released: "released",
  Revoked: "revoked",
} as const;
export type ReleaseState = (typeof ReleaseState)[keyof typeof ReleaseState];

/** What the `release` queue found in a draft; only a passed check may be promoted. */
export const ReleaseCheck = { Pending: "pending", Passed: "passed", Refused: "refused" } as const;
export type ReleaseCheck = (typeof ReleaseCheck)[keyof typeof ReleaseCheck];

/** Of a work order. A closed one takes no more jobs. */
export const WorkOrderState = { Open: "open", Closed: "closed" } as const;
export type WorkOrderState = (typeof WorkOrderState)[keyof typeof WorkOrderState];

/** Of an attempt; null until reported. */
export const Outcome = { Pass: "PASS", Fail: "FAIL" } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Of a host, as it is shown. QUARANTINED is a hold beside what the method says, set by a person or a guard. */
export const HostVerdict = {
  NotEnoughData: "NOT_ENOUGH_DATA",
  Ok: "OK",
  Watch: "WATCH",
  Suspect: "SUSPECT",
  Quarantined: "QUARANTINED",
} as const;
export type HostVerdict = (typeof HostVerdict)[keyof typeof HostVerdict];

/** What a person may do; see docs/people.md. */
export const Role = {
  Operator: "operator",
  OperatorLead: "operator-lead",
  Engineer: "engineer",
  Firmware: "firmware",
  Admin: "admin",
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What an API token may do; a token has one or more. */
export const TokenScope = {
  Read: "read",
  ReleasesPublish: "releases:publish",
  ReleasesPromote: "releases:promote",
  OrdersWrite: "orders:write",
  StationsWrite: "stations:write",
  FeedRead: "feed:read",
  WebhooksWrite: "webhooks:write",
  PeopleWrite: "people:write",
  KeysWrite: "keys:write",
} as const;
export type TokenScope = (typeof TokenScope)[keyof typeof TokenScope];

/** What a nest shows. */
export const NestState = {
  /** No unit on its port. */
  Empty: "empty",
  /** A unit is plugged in and waits for its scan. */
  Present: "present",
  /** Scanned and allowed: waits for start. */
  Ready: "ready",
  /** Start was pressed; the job is on its way. */
  Starting: "starting",
  Busy: "busy",
  Pass: "pass",
  /** Passed; its label is being printed, or waits to be scanned. */
  Label: "label",
  Fail: "fail",
  /** Scanned, and not allowed to start. */
  Refused: "refused",
  /** The station is silent. The server says so; no agent does. */
  Unknown: "unknown",
  /** Taken out of use by an engineer. */
  Off: "off",
} as const;
export type NestState = (typeof NestState)[keyof typeof NestState];
