import {
  HOLD_CODES,
  HOLD_KINDS,
  type HoldKind,
  type JobEvent,
  type JobState,
  nextJobState,
} from "@flashline/contract";
import { type Attempt, type Job, RETEST_LIMIT, type State } from "./state.ts";

// The rules as the documents tell them, over plain data and without a thought for speed.

const OPEN: readonly JobState[] = ["QUEUED", "OFFERED", "LEASED", "RUNNING"];
const COUNTED: readonly JobState[] = [...OPEN, "PASSED", "UNKNOWN"];
export const isOpen = ({ state }: Job): boolean => OPEN.includes(state);
const isCounted = ({ state }: Job): boolean => COUNTED.includes(state);

export const usedOf = (s: State, order: number): number =>
  s.jobs.filter((job) => job.order === order && isCounted(job)).length;

const usedByOthers = (s: State, order: number, unit: number): number =>
  s.jobs.filter((job) => job.order === order && job.unit !== unit && isCounted(job)).length;

/** Moves the job as the contract's table says; false where the event means nothing to it. */
export function move(job: Job, event: JobEvent): boolean {
  const to = nextJobState(job.state, event);
  if (to === undefined) return false;
  job.state = to;
  job.isOverdue = false;
  return true;
}

export const tell = (s: State, kind: string, id = ""): void => {
  s.events.push(`${kind} ${id}`.trimEnd());
};

export const jobOf = (s: State, id: string): Job => {
  const job = s.jobs.find((one) => one.id === id);
  if (job === undefined) throw new RangeError(`the model has no job ${id}`);
  return job;
};

const byTime = (a: Attempt, b: Attempt) =>
  a.acceptedAt - b.acceptedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const attemptsOf = (s: State, unit: number): readonly Attempt[] =>
  s.attempts.filter(({ job }) => jobOf(s, job).unit === unit).toSorted(byTime);

/** Those of the unit's attempts that say something of it. */
const saidOf = (s: State, unit: number): readonly Attempt[] =>
  attemptsOf(s, unit).filter(
    (one) => one.outcome !== null && one.code !== "attempt.cancelled" && !one.contradicted,
  );

export function failuresOf(s: State, unit: number): number {
  const repaired = Math.max(-Infinity, ...(s.units[unit]?.repairs ?? []));
  return saidOf(s, unit).filter(
    (one) => one.outcome === "FAIL" && one.blame !== "host" && one.acceptedAt > repaired,
  ).length;
}
export function allowedOf(s: State, unit: number): number {
  const { repairs = [], overrides = [] } = s.units[unit] ?? {};
  const repaired = Math.max(-Infinity, ...repairs);
  return RETEST_LIMIT + overrides.filter((at) => at > repaired).length;
}

/** The unit may be half flashed. */
function isDirty(s: State, unit: number): boolean {
  const last = attemptsOf(s, unit)
    .filter((one) => one.touched !== false || one.contradicted)
    .at(-1);
  return last !== undefined && (last.outcome !== "PASS" || last.contradicted);
}

const HELD_FIRST = ["line", "station", "nest", "host", "unit", "batch"] as const;

/** The kinds of holds that are on, at a place and on a unit. `atHost`: the host is known by what the unit hangs on. */
export function heldKinds(
  s: State,
  place: { readonly station: number; readonly nest: number },
  unit: number,
  atHost = false,
): readonly HoldKind[] {
  const { station, nest } = place;
  const host = atHost || s.stations[station]?.nests[nest]?.hostShown === true;
  const keys: Readonly<Record<HoldKind, string | null>> = {
    line: "line",
    station: `station ${station}`,
    nest: `nest ${station}/${nest}`,
    host: host ? `host ${station}` : null,
    unit: `unit ${unit}`,
    batch: s.units[unit]?.inBatch === true ? "batch" : null,
  };
  const on: readonly (string | null)[] = s.holds;
  return HELD_FIRST.filter((kind) => keys[kind] !== null && on.includes(keys[kind]));
}
const holdCode = (kinds: readonly HoldKind[], ...of: readonly HoldKind[]): string | null => {
  const found = kinds.find((kind) => of.includes(kind));
  return found === undefined ? null : HOLD_CODES[found];
};

export function releaseCode(s: State, release: number): string | null {
  const state = s.releases[release];
  if (state === "released") return null;
  return state === "revoked" ? "release.revoked" : "release.not_released";
}

/** Open orders of the station in the order in which they come. */
export const queueOf = (s: State, station: number) =>
  [...(s.stations[station]?.queue ?? [])]
    .filter(({ order }) => s.orders[order]?.open === true)
    .sort((a, b) => a.priority - b.priority || a.setAt - b.setAt || a.order - b.order);

/** Which order of the station takes the unit. */
function orderFor(s: State, station: number, unit: number): number | null {
  const listed = s.units[unit]?.listed ?? null;
  const queue = queueOf(s, station).map(({ order }) => order);
  if (listed !== null && queue.includes(listed)) return listed;
  const isOwn = (order: number) =>
    s.jobs.some((job) => job.unit === unit && job.order === order && isCounted(job));
  const hasRoom = (order: number) => usedOf(s, order) < (s.orders[order]?.quantity ?? 0);
  return queue.find((order) => hasRoom(order) || isOwn(order)) ?? queue[0] ?? null;
}

/** Whether another station of the order, behind another host, could take the unit that failed by the fault of this one. */
function isWantedElsewhere(s: State, station: number, nest: number, order: number, unit: number) {
  const last = saidOf(s, unit).at(-1);
  if (last === undefined || last.outcome !== "FAIL" || last.blame !== "host") return false;
  if (jobOf(s, last.job).station !== station) return false;
  if (s.stations[station]?.nests[nest]?.hostShown !== true) return false;
  return s.stations.some(
    (other, at) =>
      at !== station &&
      other.alive &&
      other.queue.some((one) => one.order === order) &&
      other.nests.some((_, n) => {
        const kinds = heldKinds(s, { station: at, nest: n }, -1);
        return holdCode(kinds, "line", "station", "nest", "host") === null;
      }),
  );
}

/** May the unit be flashed in this nest now? The order that takes it, or the code of the refusal. */
export function scanned(
  s: State,
  station: number,
  nest: number,
  unit: number,
): { readonly order: number; readonly dirty: boolean } | { readonly code: string } {
  const kinds = heldKinds(s, { station, nest }, unit);
  const refuse = (code: string) => ({ code });
  const place = holdCode(kinds, "line", "station", "nest");
  if (place !== null) return refuse(place);
  const order = orderFor(s, station, unit);
  const wanted = order === null ? undefined : s.orders[order];
  if (order === null || wanted === undefined) return refuse("preflight.no_work_order");
  const one = s.units[unit];
  if (one?.scrapped === true) return refuse("preflight.scrapped");
  const held = holdCode(kinds, "unit", "batch");
  if (held !== null) return refuse(held);
  const release = releaseCode(s, wanted.release);
  if (release !== null) return refuse(release);
  const listed = one?.listed ?? null;
  if (listed !== null && listed !== order && s.orders[listed]?.open === true) {
    return refuse("preflight.other_order");
  }
  const jobs = s.jobs.filter((job) => job.unit === unit);
  if (jobs.some(({ state }) => state === "PASSED")) return refuse("preflight.already_passed");
  if (jobs.some(isOpen)) return refuse("preflight.busy");
  if (s.jobs.some((job) => job.station === station && job.nest === nest && isOpen(job))) {
    return refuse("preflight.nest_busy");
  }
  const host = holdCode(kinds, "host");
  if (host !== null) return refuse(host);
  if (failuresOf(s, unit) >= allowedOf(s, unit)) return refuse("preflight.retest_limit");
  if (isWantedElsewhere(s, station, nest, order, unit)) return refuse("preflight.other_host");
  if (usedByOthers(s, order, unit) >= wanted.quantity) return refuse("preflight.quota_reached");
  return { order, dirty: isDirty(s, unit) };
}

const ALL: readonly HoldKind[] = HOLD_KINDS;

/** What the queue does with every job that waits: offers it, or calls it off. */
export function dispatch(s: State): void {
  for (const job of s.jobs.filter(({ state }) => state === "QUEUED")) {
    const order = s.orders[job.order];
    const hold = HELD_FIRST.find((kind) => heldKinds(s, job, job.unit).includes(kind));
    const code =
      order?.open !== true
        ? "preflight.no_work_order"
        : hold !== undefined
          ? HOLD_CODES[hold]
          : s.units[job.unit]?.scrapped === true
            ? "preflight.scrapped"
            : releaseCode(s, job.release);
    move(job, code === null ? "dispatch" : "cancel");
    if (code === null) continue;
    job.code = code;
    tell(s, "job.cancelled", job.id);
  }
}

/** Calls off what was not fetched where a hold is on. */
export function callOff(s: State): void {
  for (const job of s.jobs.filter(({ state }) => state === "QUEUED" || state === "OFFERED")) {
    const kinds = heldKinds(s, job, job.unit);
    if (kinds.length === 0) continue;
    move(job, "cancel");
    // One hold of several may be the one that is told.
    job.code = kinds.length === 1 ? holdCode(kinds, ...ALL) : "a hold";
    tell(s, "job.cancelled", job.id);
  }
}

/** Why a job that its station holds is not started; null where it may be. */
export function startCode(s: State, job: Job): string | null {
  const release = releaseCode(s, job.release);
  if (release !== null) return release;
  if (s.orders[job.order]?.open !== true) return "preflight.no_work_order";
  const kinds = heldKinds(s, job, job.unit, true);
  const hold = holdCode(kinds, ...ALL);
  if (hold !== null) return hold;
  const quantity = s.orders[job.order]?.quantity ?? 0;
  return usedByOthers(s, job.order, job.unit) < quantity ? null : "preflight.quota_reached";
}

/** A job that was called off counts as tried once its attempt said FAIL, unless an operator ended it. */
const isFailed = (s: State, { id, state }: Job): boolean =>
  state === "FAILED" ||
  (state === "CANCELLED" &&
    s.attempts.some(
      (one) => one.job === id && one.outcome === "FAIL" && one.code !== "attempt.cancelled",
    ));

/** What the unit is, by its latest job that was not merely called off. */
export function unitState(s: State, unit: number): string {
  const latest = s.jobs
    .filter((job) => job.unit === unit && (job.state !== "CANCELLED" || isFailed(s, job)))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    .at(-1);
  if (latest === undefined) return "new";
  if (latest.state === "PASSED") return "passed";
  if (isFailed(s, latest)) return "failed";
  return isOpen(latest) ? "in work" : "unknown";
}

/** How many units of an order have passed, are in work and have failed; each counts once. */
export function tallyOf(s: State, order: number) {
  const counts = { passed: 0, running: 0, failed: 0 };
  for (const unit of s.units.keys()) {
    const jobs = s.jobs.filter((job) => job.unit === unit && job.order === order);
    if (jobs.some(({ state }) => state === "PASSED")) counts.passed += 1;
    else if (jobs.some(isOpen)) counts.running += 1;
    else if (jobs.some((job) => isFailed(s, job))) counts.failed += 1;
  }
  return counts;
}
