import type { HoldKind, JobState, ReleaseState } from "@flashline/contract";

// What a small plant with one product comes to, in plain data: a copy of it is another world. Places, units and orders are named by
// their numbers, jobs and attempts by their ids.

export interface Unit {
  /** Its row is there. One that is not becomes known with its first job. */
  known: boolean;
  scrapped: boolean;
  /** The order whose list it is in. */
  readonly listed: number | null;
  readonly inBatch: boolean;
  /** When it was repaired, and when a lead allowed one more try: milliseconds. */
  readonly repairs: number[];
  readonly overrides: number[];
}

export interface Order {
  open: boolean;
  quantity: number;
  /** Number of its release. */
  release: number;
}

export interface Queued {
  readonly order: number;
  priority: number;
  /** When it was set, milliseconds; counts among equal priorities. */
  setAt: number;
}

/** A job as a station remembers it. */
export interface Belief {
  readonly job: string;
  readonly epoch: number;
}

export interface Nest {
  /** An attempt at it has shown which host is behind it. */
  hostShown: boolean;
  /** What the station believes to hold there; null after it crashed. */
  belief: Belief | null;
}

export interface Station {
  readonly queue: Queued[];
  readonly nests: readonly Nest[];
  /** It has given a sign of life. */
  alive: boolean;
}

export interface Job {
  readonly id: string;
  readonly unit: number;
  readonly station: number;
  readonly nest: number;
  readonly order: number;
  readonly release: number;
  readonly dirty: boolean;
  state: JobState;
  epoch: number;
  /** Its time ran out, and nobody looked since. */
  isOverdue: boolean;
  code: string | null;
  /** Milliseconds, by the server. */
  createdAt: number;
}

export interface Attempt {
  readonly id: string;
  readonly job: string;
  readonly epoch: number;
  /** When it was started, milliseconds, by the server. */
  acceptedAt: number;
  outcome: "PASS" | "FAIL" | null;
  code: string | null;
  blame: string | null;
  touched: boolean | null;
  late: boolean;
  contradicted: boolean;
  first: boolean;
  /** Digest of the result that was acknowledged. */
  body: string | null;
  /** Digests of results that were refused for good. */
  readonly refused: string[];
}

/** What a hold is on: "line", "station 0", "nest 0/1", "host 0", "unit 2" or "batch". */
export type HoldKey = `${HoldKind}${string}`;

export interface State {
  readonly units: Unit[];
  readonly orders: Order[];
  readonly releases: (ReleaseState | "withdrawn")[];
  readonly stations: Station[];
  readonly jobs: Job[];
  readonly attempts: Attempt[];
  readonly holds: HoldKey[];
  /** What the ledger tells: kind, and the id of a job or an attempt. */
  readonly events: string[];
}

export const STATIONS = 3;
export const NESTS = 2;
export const UNITS = 4;
export const ORDERS = 2;
/** Of each order at first: less than there are units. */
export const QUANTITY = 2;
/** Two that are released and a checked draft. */
export const RELEASES = 3;
export const RETEST_LIMIT = 2;
/** Units 1 and 2 are there before their first job. */
export const UNIT_OF_BATCH = 1;
export const UNIT_OF_LIST = 2;

export const firstState = (): State => ({
  units: Array.from({ length: UNITS }, (_, at) => ({
    known: at === UNIT_OF_BATCH || at === UNIT_OF_LIST,
    scrapped: false,
    listed: at === UNIT_OF_LIST ? 1 : null,
    inBatch: at === UNIT_OF_BATCH,
    repairs: [],
    overrides: [],
  })),
  orders: Array.from({ length: ORDERS }, () => ({ open: true, quantity: QUANTITY, release: 0 })),
  releases: ["released", "released", "draft"],
  stations: Array.from({ length: STATIONS }, (_, at) => ({
    // The first station has both orders, each other one has one of them.
    queue: (at === 0 ? [0, 1] : [at - 1]).map((order) => ({ order, priority: 100, setAt: order })),
    nests: Array.from({ length: NESTS }, () => ({ hostShown: false, belief: null })),
    alive: false,
  })),
  jobs: [],
  attempts: [],
  holds: [],
  events: [],
});
