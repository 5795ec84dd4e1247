import { z } from "zod";
import { LeadCall } from "./alarms.ts";
import { Id, Name, Serial, Sha256, text } from "./common.ts";
import { RefusalParameters } from "./error.ts";
import { SignedException } from "./exception.ts";
import { GoldenScan, GoldenSetup } from "./golden-setup.ts";
import { HoldNote } from "./holds.ts";
import { HostFingerprint } from "./host.ts";
import { LeasedLabel } from "./labels.ts";
import { OperatorRules } from "./operators.ts";
import { StationShifts } from "./plant.ts";
import { WantedUpdate } from "./updates.ts";

/** Network cards of a PC, each by a digest. Older agents do not tell them, and some PCs have none: then the list is empty. */
const Hardware = z.array(z.string().regex(/^[0-9a-f]{16}$/)).max(32);

/** A place for one unit, by the port as the PC's kernel names it now. */
const NestPort = z.object({ name: Name, portPath: text(60, 1) });

/** A one-time token turned into a station's credential, with what the PC says about itself. */
export const EnrollRequest = z.object({
  token: text(200, 1),
  /** The line PC's stable id and name; a second enrollment of the same machine replaces its credential. */
  machine: text(200, 1),
  hostname: text(200),
  hardware: Hardware.default([]),
  nests: z.array(NestPort).max(64),
});
/** Names the station that the token was made for. */
export const EnrollAnswer = z.object({
  stationId: Id,
  station: z.string(),
  /** The station's own credential, shown once. */
  credential: z.string(),
  /** As in {@link StationSetup}, whatever the plant gives. Older servers have none. */
  grantKey: z.string().optional(),
});

/** All nests of a station as they were taught on its PC. One that is not named is gone; what was done in it stays. */
export const NestsRequest = z.object({
  nests: z
    .array(
      NestPort.extend({
        /** It had this name until now. */
        was: Name.optional(),
      }),
    )
    .max(64),
});

const SetupOrder = z.object({
  number: z.string(),
  product: z.string(),
  productTitle: z.string(),
  serialPattern: z.string().nullable(),
  version: z.string(),
  manifestSha256: Sha256,
  /** Its product's units get a label. Older servers know of none. */
  label: z.boolean().optional(),
  quantity: z.number().int(),
  passed: z.number().int(),
});

/** What a station needs to know of itself; asked at start and when the server says that it changed. */
export const StationSetup = z.object({
  stationId: Id,
  station: z.string(),
  line: z.string(),
  plant: z.string(),
  timeZone: z.string(),
  nests: z.array(
    z.object({
      name: z.string(),
      portPath: z.string(),
      enabled: z.boolean(),
      /** Why it is out of use. */
      hold: HoldNote.optional(),
    }),
  ),
  /** The first one of {@link StationSetup.workOrders}; its pattern lets through the serials of all of them. */
  workOrder: SetupOrder.nullable(),
  /** All that the station holds; those with a unit left first. Older servers know of one. */
  workOrders: z
    .array(
      SetupOrder.extend({
        /** The next unit of its product goes to it: one order a product. */
        active: z.boolean(),
      }),
    )
    .default([]),
  /** The station's calls for the lead that are open, with who comes. Older servers know of none. */
  calls: z.array(LeadCall).default([]),
  /** How people work here, with the plant's shifts. Older servers take no operator: the agent names none. */
  operators: OperatorRules.extend({ shifts: StationShifts }).optional(),
  /**
   * The station may ask for a grant to flash while the server is away; `key` is the public half of the key that signs it, as text of a `.pub` file. Null: the
   * plant gives none. Older servers give none.
   */
  grants: z.object({ key: z.string() }).nullable().default(null),
  /** Golden units of the station's plant, and when its nests are to be checked. Older servers know of none. */
  golden: GoldenSetup.optional(),
  /** The update that the station's agent is to have; null: none. */
  update: WantedUpdate.nullish(),
});
export type StationSetup = z.infer<typeof StationSetup>;

/** Id of the person who is logged in at the station; null: nobody is. Older agents know of none, and leave it out. */
const operator = Id.nullable().optional();

/** What an agent may be able to do that agents of before were not, and that a release can ask for. */
export const AGENT_ABILITIES = [
  "application-serial",
  "given-profile",
  "labels",
  "golden-checks",
  "many-barred",
] as const;
/**
 * One of {@link AGENT_ABILITIES}: `application-serial` sees the USB serial of a started application, `given-profile` starts with a gentler profile when
 * the server says so, `labels` prints the labels of units that passed, or says that it has no printer, `golden-checks` checks its nests with golden units, `many-barred` reads a
 * grant that names up to 20,000 units.
 */
export type AgentAbility = (typeof AGENT_ABILITIES)[number];
/** Older agents say none. A name that is not known counts for nothing. */
const abilities = z.array(z.string().max(60)).max(60).readonly().optional();

/** A scanned serial and the nest that it was scanned for. */
export const PreflightRequest = z.object({ serial: Serial, nest: Name, operator, abilities });
/** What would be flashed, or why nothing may be. Orders nothing. */
export const PreflightAnswer = z.discriminatedUnion("go", [
  z.object({
    go: z.literal(true),
    serial: z.string(),
    workOrder: z.string(),
    product: z.string(),
    version: z.string(),
    /** An earlier attempt may have left half-written flash: erase before reading. */
    dirty: z.boolean(),
    /** It is no unit of an order but a golden unit: START opens a check of the nest, and no job. Only for agents that are able to. */
    golden: GoldenScan.optional(),
  }),
  z.object({
    go: z.literal(false),
    serial: z.string(),
    code: z.string(),
    blame: z.string(),
    message: z.string(),
    /** As in an ErrorBody. */
    parameters: RefusalParameters.optional(),
    action: z.string(),
  }),
]);
export type PreflightAnswer = z.infer<typeof PreflightAnswer>;

/** Orders one flashing of one unit in one nest. */
export const JobRequest = z.object({
  serial: Serial,
  nest: Name,
  /** Made by the agent, so that a repeated request finds the same job. */
  jobId: Id,
  operator,
  abilities,
});
/** The job that stands for the request: a new one, or the one that an earlier try made. */
export const JobAccepted = z.object({ jobId: Id, state: z.string() });

/** A station asks for its next job and says which nests could take one. */
export const AcquireRequest = z.object({
  freeNests: z.array(Name).max(64),
  /** How long the server may hold the request, milliseconds. */
  waitMs: z.number().int().min(0).max(25_000).default(25_000),
});

/** One image of a job. Its bytes are fetched by the digest. */
export const JobImage = z.object({
  name: z.string(),
  sha256: Sha256,
  size: z.number().int(),
  /** Where raw bytes go; null where the file says so itself. */
  address: z.number().int().nullable(),
});

/** A job that is leased to the station that asked. Acquire is safe to repeat: the same unstarted job, the same epoch. */
export const LeasedJob = z.object({
  jobId: Id,
  nest: z.string(),
  serial: z.string(),
  epoch: z.number().int(),
  /** Leases cross the wire as durations: clocks differ. */
  leaseMs: z.number().int(),
  dirty: z.boolean(),
  product: z.string(),
  boardRevision: z.string().nullable(),
  virtualAllowed: z.boolean(),
  workOrder: z.string(),
  version: z.string(),
  /** The manifest's exact bytes, base64: they are what was signed. */
  manifest: z.string(),
  signature: z.string(),
  /** Under which exception the release may be flashed that is refused otherwise. An agent that does not know it refuses an expired release. */
  exception: SignedException.optional(),
  images: z.array(JobImage),
  /** The unit's data that the server knows, by field; numbers are decimal. The serial is the station's own. */
  values: z.record(z.string(), z.string()).default({}),
  /** The same of secret fields: written into the image in memory, and nowhere else. */
  secrets: z.record(z.string(), z.string()).default({}),
  /** Of a product whose units get one: it is printed after the PASS. */
  label: LeasedLabel.optional(),
});
export type LeasedJob = z.infer<typeof LeasedJob>;

/** Sent before the first erase: from here on the attempt counts, whatever becomes of it. */
export const StartRequest = z.object({
  epoch: z.number().int(),
  attemptId: Id,
  host: HostFingerprint,
  virtual: z.boolean(),
  operator,
  abilities,
});
/** The attempt is entered; the lease runs on from the answer. */
export const StartAnswer = z.object({
  leaseMs: z.number().int(),
  /** Start with this profile where it is gentler than the release's. Only for agents that are able to. */
  profile: z.string().optional(),
});

/** Keeps a lease alive. An old epoch is refused: the job belongs to another attempt. */
export const RenewRequest = z.object({ epoch: z.number().int() });
/** How long the lease runs on, and whether somebody wants the job cancelled. */
export const RenewAnswer = z.object({
  leaseMs: z.number().int(),
  /** Honoured by the agent before the first erase only. */
  cancel: z.boolean(),
});

/** Gives a job up before anything was erased, with the reason as code and sentence. */
export const CancelRequest = z.object({
  epoch: z.number().int(),
  code: z.string().max(80),
  message: z.string().max(500),
});

/**
 * The nests as they are now; sent on change, at most twice a second, and every 15 s as a sign of life. Agent and server may be of
 * different versions: the state is text, and every field stands in every state.
 */
export const StationStatus = z.object({
  queuedResults: z.number().int().nonnegative(),
  /** Of the PC that the agent runs on. */
  hardware: Hardware.optional(),
  nests: z
    .array(
      z.object({
        name: Name,
        state: z.string().max(20),
        serial: z.string().max(64).nullable(),
        phase: z.string().max(20).nullable(),
        fraction: z.number().min(0).max(1).nullable(),
        code: z.string().max(80).nullable(),
      }),
    )
    .max(64),
});
export type StationStatus = z.infer<typeof StationStatus>;
/** `setupVersion` changes whenever the station should ask for its setup again. */
export const StatusAnswer = z.object({ setupVersion: z.string() });
