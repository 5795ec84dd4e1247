import { eachFigure } from "@flashline/dfu-core/figures";
import { z } from "zod";
import { IncidentRecord, PatchRecord, ShownApplication } from "./attempt.ts";
import { Id, Proportion } from "./common.ts";
import { HoldNote, HoldView } from "./holds.ts";
import { HostAdviceOnWire, HostBlame, HostSentenceOnWire, RUNGS } from "./host-verdict.ts";
import { LabelEntryView } from "./labels.ts";
import { UnitRework } from "./rework.ts";
import { UnitValueView } from "./values.ts";

/** Of one page and its filters; "data as of" stands on every page. */
const asOf = z.string();

/** One attempt as a row of a list. */
export const AttemptView = z.object({
  id: Id,
  jobId: Id,
  serial: z.string(),
  product: z.string(),
  version: z.string(),
  workOrder: z.string(),
  station: z.string(),
  nest: z.string(),
  hostId: Id,
  host: z.string(),
  outcome: z.enum(["PASS", "FAIL"]).nullable(),
  code: z.string().nullable(),
  blame: z.string().nullable(),
  linkIncident: z.boolean(),
  late: z.boolean(),
  review: z.boolean(),
  /** Where result and job disagree, by key of CONTRADICTIONS; such an attempt counts nowhere. */
  contradictions: z.array(z.string()).default([]),
  virtual: z.boolean(),
  profile: z.string(),
  startProfile: z.string(),
  durationMs: z.number().nullable(),
  receivedAt: z.string().nullable(),
  startedAt: z.string(),
  /** Who started it; their name is null once they are erased. Null: nobody was logged in. Older servers do not know. */
  operator: z.object({ id: Id, name: z.string().nullable() }).nullable().default(null),
});
export type AttemptView = z.infer<typeof AttemptView>;

/** One attempt with all its evidence. */
export const AttemptDetail = AttemptView.extend({
  detail: z.string().nullable(),
  phase: z.string().nullable(),
  address: z.number().nullable(),
  /** All of them, or where there are many the first and the last ones. */
  incidents: z.array(IncidentRecord),
  /** How many there were, by code. */
  incidentCounts: z.record(z.string(), z.number().int()).optional(),
  phaseMs: z.record(z.string(), z.number()),
  /** Null where the attempt's agent did not tell. */
  ...eachFigure(() => z.number().nullable()),
  chip: z.string().nullable(),
  chipMatch: z.string().nullable(),
  chipEvidence: z.array(z.string()),
  controller: z.string(),
  hubs: z.array(z.string()),
  portPath: z.string(),
  agentVersion: z.string().nullable(),
  skewMs: z.number().nullable(),
  /** Null where the release has no per-unit data, or nothing was reported. */
  patch: PatchRecord.nullable(),
  /** What the port showed after the start; null where the release does not ask for the application's serial, or it was not looked. */
  application: ShownApplication.nullable().default(null),
  /** Of a failed attempt, while it is kept: its size in bytes. */
  transcript: z.object({ bytes: z.number().int(), receivedAt: z.string() }).nullable(),
  /** Under which it was started, where its release was refused otherwise. Older servers know of none. */
  exception: z
    .object({ id: Id, lifts: z.array(z.string()), reason: z.string() })
    .nullable()
    .default(null),
});
export type AttemptDetail = z.infer<typeof AttemptDetail>;

/**
 * A FAIL before the first erase is a failed try like any other, although its job is CANCELLED: yields count it too. What an operator called off leaves the
 * state as it was.
 */
export const UNIT_STATES = ["new", "passed", "failed", "in work", "unknown"] as const;
/** One of {@link UNIT_STATES}. */
export type UnitState = (typeof UNIT_STATES)[number];
/** A unit as a row of a list. */
export const UnitView = z.object({
  id: Id,
  serial: z.string(),
  product: z.string(),
  boardRevision: z.string().nullable(),
  batch: z.string().nullable(),
  /** One of UNIT_STATES; a newer server may have others. */
  state: z.string(),
  attempts: z.number().int(),
  lastAt: z.string().nullable(),
  /** The last attempt that was reported, even if its job ended otherwise. */
  last: z
    .object({
      attemptId: Id,
      outcome: z.enum(["PASS", "FAIL"]),
      code: z.string().nullable(),
      blame: z.string().nullable(),
    })
    .nullable(),
  /** Where the list goes on after this row: units move in it while they are worked on. */
  cursor: z.string().optional(),
});
export type UnitView = z.infer<typeof UnitView>;
/** A unit with everything that happened to it. */
export const UnitDetail = UnitView.extend({
  createdAt: z.string(),
  values: z.array(UnitValueView),
  /** What people did about its failures. */
  rework: UnitRework.optional(),
  /** What became of its labels, the latest first; the latest hundred. Older servers know of none. */
  labels: z.array(LabelEntryView).optional(),
  /** The latest hundred, the latest first; `attempts` says how many there are. */
  history: z.array(AttemptDetail),
  /** Of these too the latest hundred. */
  jobs: z.array(
    z.object({
      id: Id,
      state: z.string(),
      station: z.string(),
      nest: z.string(),
      createdAt: z.string(),
    }),
  ),
});
export type UnitDetail = z.infer<typeof UnitDetail>;

/** A station with its nests as its agent last told them. */
export const StationView = z.object({
  id: Id,
  name: z.string(),
  line: z.string(),
  plant: z.string(),
  enrolled: z.boolean(),
  /** A sign of life within the last 40 s. */
  connected: z.boolean(),
  lastSeenAt: z.string().nullable(),
  agentVersion: z.string().nullable(),
  queuedResults: z.number().int(),
  workOrder: z.string().nullable(),
  product: z.string().nullable(),
  version: z.string().nullable(),
  /** All open orders that it holds, in the order in which they come; of each product the first one with a unit left is active. */
  workOrders: z
    .array(
      z.object({
        number: z.string(),
        product: z.string(),
        version: z.string(),
        priority: z.number().int(),
        unitsLeft: z.number().int(),
      }),
    )
    .default([]),
  today: z.object({ passed: z.number().int(), failed: z.number().int() }),
  /** What its doctor found last, in numbers; null before its first report. */
  doctor: z.object({ failed: z.number().int(), warned: z.number().int() }).nullable().default(null),
  nests: z.array(
    z.object({
      name: z.string(),
      portPath: z.string(),
      state: z.string(),
      serial: z.string().nullable(),
      phase: z.string().nullable(),
      fraction: z.number().nullable(),
      code: z.string().nullable(),
      /** Why it takes no units: a hold on the nest, its station, its line or the host behind it. */
      hold: HoldNote.optional(),
    }),
  ),
});
export type StationView = z.infer<typeof StationView>;

/** One line PC in one place of the USB tree, with its counts and the verdict on it. */
export const HostView = z.object({
  id: Id,
  /** "L3-07", or the machine's name before it was a station. */
  name: z.string(),
  station: z.string().nullable(),
  machine: z.string(),
  controller: z.string(),
  controllerName: z.string(),
  driver: z.string(),
  /** Hub models seen in between; empty: straight on the controller. */
  hubs: z.array(z.string()),
  virtual: z.boolean(),
  /** The rung in one word: SUSPECT also while a quarantine is proposed, QUARANTINED while there is a hold. */
  verdict: z.enum(["NOT_ENOUGH_DATA", "OK", "WATCH", "SUSPECT", "QUARANTINED"]),
  /** Its quarantine. */
  hold: HoldView.optional(),
  /** Where the host stands on the ladder of docs/verdict.md; null where the host was not judged yet. QUARANTINE proposes one. */
  rung: z.enum(RUNGS).nullable(),
  /** Why, as a key with parameters; null where the host was not judged yet. */
  sentence: HostSentenceOnWire.nullable(),
  /** The same as one English text, for readers without words of their own. */
  evidence: z.string(),
  /** Evidence for a fault and for health; null where the host was not judged yet. */
  r: z.number().nullable(),
  d: z.number().nullable(),
  /** A repair was recorded, and units have neither confirmed nor refuted it. */
  repaired: z.boolean(),
  /** More links are lost than usual, at a line with too few hosts to tell host from boards. */
  flagged: z.boolean(),
  /** What explains it; null while the host is OK. */
  blame: HostBlame.nullable(),
  /** What to do about it, the best first; empty when there is nothing to do. */
  steps: z.array(HostAdviceOnWire).default([]),
  /** The same steps in English. */
  advice: z.array(z.string()),
  units: z.number().int(),
  attempts: z.number().int(),
  /** Units with at least one link incident here / units here. */
  linkIncidents: Proportion,
  /** Share that the hosts that it was compared with let expect in the same time; null where it was compared with none. */
  expected: z.number().nullable(),
  /** Units that failed here and never passed here, and how many of those passed at another host. */
  failed: z.number().int(),
  passedElsewhere: z.number().int(),
  p95Ms: z.number().nullable(),
  since: z.string().nullable(),
});
export type HostView = z.infer<typeof HostView>;

/** All hosts of a period, and the same attempts grouped by what hosts have in common. */
export const HostsView = z.object({
  asOf,
  from: z.string(),
  hosts: z.array(HostView),
  byController: z.array(
    z.object({
      controller: z.string(),
      controllerName: z.string(),
      behindHub: z.boolean(),
      profile: z.string(),
      linkIncidents: Proportion,
    }),
  ),
});
export type HostsView = z.infer<typeof HostsView>;

/** Server-sent events of the dashboard: what changed, so that a page asks again for just that. */
export const LiveEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("attempt"), attemptId: Id, serial: z.string(), outcome: z.string() }),
  z.object({ type: z.literal("job"), jobId: Id, state: z.string() }),
  z.object({ type: z.literal("station"), station: StationView }),
  z.object({ type: z.literal("release"), releaseId: Id }),
  z.object({ type: z.literal("hosts") }),
  z.object({ type: z.literal("updates") }),
  z.object({ type: z.literal("alarm"), alarmId: Id }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;
