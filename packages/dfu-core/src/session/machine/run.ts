import { ENGINE_CODES, type EngineCode } from "../../codes.ts";
import { DfuError } from "../../errors.ts";
import { type Budgets, budgetsFor } from "../../pacing/budgets.ts";
import { gentler, PROFILES, type Profile, type ProfileName } from "../../pacing/profiles.ts";
import { UNKNOWN_FAMILY } from "../../parts/families.ts";
import type { ChipIdentity } from "../../parts/identify.ts";
import type { Family } from "../../parts/part.ts";
import type { DeviceDescriptors } from "../../protocol/descriptors.ts";
import type { Machine, Reply, Step } from "../../protocol/step.ts";
import type { EngineEvent, Incident, Phase } from "./report.ts";

export type Work<T> = Machine<T, EngineEvent>;

/**
 * What the buffer may begin with.
 * `harmless`: nothing that the device takes for a command; executed, it is an error and the loss is noticed.
 * `command`: the engine's own last command. Executed in the place of an erase it does nothing that was not asked for. In the place of
 * SET_ADDRESS it is silent, and what follows is read or written at the old address.
 * `unknown`: it may be a command that nobody gave.
 */
export type BufferContent = "harmless" | "command" | "unknown";

/** Where block numbers count from; gone after any failure. */
export interface Cursor {
  readonly direction: "upload" | "download";
  readonly alternate: number;
  /** Address of block 2. */
  readonly base: number;
  /** The address after the last block. */
  readonly next: number;
}

/**
 * Blocks written upwards, one after the other, since a SET_ADDRESS whose loss would have been noticed. Wherever among them the device's
 * pointer was left, a block that is no longer than any of them falls on what they cover.
 */
export interface Chain {
  readonly alternate: number;
  /** The address after the last block. */
  readonly next: number;
  /** Bytes of the shortest. */
  readonly shortest: number;
}

/** What a run knows of the device and of itself. One a machine; changed only by the session's own functions. */
export interface Run {
  readonly descriptors: DeviceDescriptors;
  readonly deviceTransferSize: number;
  readonly startProfile: Profile;
  readonly incidents: Incident[];
  readonly phaseMs: Partial<Record<Phase, number>>;
  /** Failed reads that made the unit leave, by address. */
  readonly dropsByAddress: Map<number, number>;
  identity: ChipIdentity;
  family: Family;
  budgets: Budgets;
  profile: Profile;
  failuresInProfile: number;
  /** Transfers before this profile was taken. */
  transfersBefore: number;
  /** Spent on transfers that failed and on the rounds of resync after them that did not bring the device back. */
  lostMs: number;
  phase: Phase;
  phaseSince: number;
  now: number;
  startedAt: number;
  lastTransferAt: number;
  transfers: number;
  /** Bus resets and re-enumerations. */
  epoch: number;
  /**
   * Re-enumerations alone: the power may have been off and another unit may be on the port, so what was read before one
   * proves nothing after it.
   */
  arrivals: number;
  failures: number;
  consecutive: number;
  /** What the device's state must be now; undefined when an ABORT is needed to know. */
  state: "idle" | "download" | "upload" | undefined;
  alternate: number | undefined;
  cursor: Cursor | undefined;
  /** What lies in the buffer that the device shares for both directions. */
  buffer: BufferContent;
  /** Alternates of which something was read since the unit arrived. */
  readonly readable: Set<number>;
  chain: Chain | undefined;
  /** Codes of the link failures in a row. */
  row: EngineCode[];
  touched: boolean;
  erasedSectors: number;
  erasedRemainder: number;
  skippedSectors: number;
  verifiedBytes: number;
}

export function createRun(descriptors: DeviceDescriptors, profile: ProfileName = "standard"): Run {
  return {
    descriptors,
    deviceTransferSize: descriptors.functional?.transferSize ?? 0,
    startProfile: PROFILES[profile],
    incidents: [],
    phaseMs: {},
    dropsByAddress: new Map(),
    identity: { chip: "unknown", match: "none", evidence: [] },
    family: UNKNOWN_FAMILY,
    budgets: budgetsFor(0),
    profile: PROFILES[profile],
    failuresInProfile: 0,
    transfersBefore: 0,
    lostMs: 0,
    phase: "connect",
    phaseSince: 0,
    now: 0,
    startedAt: 0,
    lastTransferAt: 0,
    transfers: 0,
    epoch: 0,
    arrivals: 0,
    failures: 0,
    consecutive: 0,
    state: undefined,
    alternate: undefined,
    cursor: undefined,
    // An earlier host may have left anything.
    buffer: "unknown",
    readable: new Set(),
    chain: undefined,
    row: [],
    touched: false,
    erasedSectors: 0,
    erasedRemainder: 0,
    skippedSectors: 0,
    verifiedBytes: 0,
  };
}

/** Performs a step and keeps the time. */
export function* step(run: Run, what: Step<EngineEvent>): Work<Reply> {
  const reply = yield what;
  run.now = reply.now;
  return reply;
}

/** A control transfer, after the profile's gap. Throws `link.budget` when the run's time is over. */
export function* transfer(
  run: Run,
  what: Extract<Step<EngineEvent>, { kind: "in" | "out" | "alternate" }>,
): Work<Reply> {
  if (run.transfers > 0) {
    if (run.profile.gapMs > 0) yield* step(run, { kind: "wait", ms: run.profile.gapMs });
    if (run.now - run.startedAt > run.budgets.runMs) {
      throw new DfuError("link.budget", `not done after ${Math.round(run.now - run.startedAt)} ms`);
    }
  }
  run.transfers += 1;
  try {
    const reply = yield what;
    run.now = reply.now;
    return reply;
  } finally {
    run.lastTransferAt = run.now;
  }
}

export function* emit(run: Run, event: EngineEvent): Work<void> {
  yield* step(run, { kind: "event", event });
}

/** Keeps an incident with the attempt and tells the listener. */
export function* incident(
  run: Run,
  code: EngineCode,
  detail: string,
  address?: number,
): Work<void> {
  const entry: Incident = {
    code,
    phase: run.phase,
    atMs: run.now - run.startedAt,
    ...(address === undefined ? {} : { address }),
    detail,
  };
  run.incidents.push(entry);
  yield* emit(run, { event: "incident", ...entry });
}

export function enterPhase(run: Run, phase: Phase): void {
  run.phaseMs[run.phase] = (run.phaseMs[run.phase] ?? 0) + (run.now - run.phaseSince);
  run.phase = phase;
  run.phaseSince = run.now;
}

/** Counts a link failure against the profile and takes the next gentler one when its patience is over (engine rule 18). */
export function* countFailure(run: Run, cause: EngineCode): Work<void> {
  run.failures += 1;
  run.consecutive += 1;
  run.row.push(cause);
  run.failuresInProfile += 1;
  const next = gentler(run.profile);
  const { patience, tolerates, name: from } = run.profile;
  const tolerated = Math.max(patience, tolerates * (run.transfers - run.transfersBefore));
  if (next === undefined || run.failuresInProfile < tolerated) return;
  run.profile = next;
  run.failuresInProfile = 0;
  run.transfersBefore = run.transfers;
  run.cursor = undefined;
  yield* emit(run, { event: "profile", from, to: next.name, cause });
  yield* incident(run, "link.escalated", `${from} to ${next.name} after ${cause}`);
}

export const hasLinkIncident = (run: Run): boolean =>
  run.incidents.some((entry) => ENGINE_CODES[entry.code].link);
