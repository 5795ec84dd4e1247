import { ENGINE_CODES, type EngineCode } from "../../codes.ts";
import { DfuError } from "../../errors.ts";
import { type Figure, NO_FIGURES } from "../../figures.ts";
import type { ChipIdentity } from "../../identity/identify.ts";
import { type Budgets, budgetsFor } from "../../pacing/budgets.ts";
import { PROFILES, type Profile, type ProfileName } from "../../pacing/profiles.ts";
import { UNKNOWN_FAMILY } from "../../parts/families.ts";
import type { Family } from "../../parts/part.ts";
import type { DeviceDescriptors } from "../../protocol/descriptors.ts";
import type { Machine, Reply, Step } from "../../protocol/step.ts";
import { createLedger, type LinkLedger } from "./ledger.ts";
import { createPatience, type Patience } from "./patience.ts";
import type { EngineEvent, Incident, Phase } from "./report.ts";

export type Work<T> = Machine<T, EngineEvent>;

/** What the unit on the port is like. */
export interface Device {
  readonly descriptors: DeviceDescriptors;
  /** wTransferSize of the device, in bytes; 0 where it shows none. */
  readonly transferSize: number;
  /** The class as recognised, and the flash rules that go with it. Until then the strictest rules hold. */
  identity: ChipIdentity;
  family: Family;
}

/** The time as the last step's reply gave it, and what is measured from it; milliseconds. */
export interface RunClock {
  now: number;
  startedAt: number;
  lastTransferAt: number;
  /** End of the last transfer, if it succeeded: since then the bus was idle. */
  idleSince: number | undefined;
  phaseSince: number;
}

/** What the report counts. */
export interface Tally {
  phase: Phase;
  readonly phaseMs: Partial<Record<Phase, number>>;
  readonly incidents: Incident[];
  /** An attempt before this one was cut off: cells may read otherwise from time to time until they are erased. */
  wasCutOff: boolean;
  /** An erase was sent, or another request that erases. */
  touched: boolean;
  /** A block of the image was sent. */
  wrote: boolean;
  /** All that keeps the image from starting may be written: its seal, or where there is none the whole of it. */
  startable: boolean;
  /** Transfers are counted with the link. */
  readonly figures: Record<Exclude<Figure, "transfers">, number>;
}

/** One run of one machine, in the parts that its functions need. Only the session's own functions change it. */
export interface Run {
  readonly device: Device;
  readonly link: LinkLedger;
  readonly patience: Patience;
  readonly tally: Tally;
  readonly clock: RunClock;
  readonly startProfile: Profile;
  /** Of this run as a whole; they follow from its plan. */
  budgets: Budgets;
}

export function createRun(descriptors: DeviceDescriptors, profile: ProfileName = "standard"): Run {
  return {
    device: {
      descriptors,
      transferSize: descriptors.functional?.transferSize ?? 0,
      identity: { chip: "unknown", match: "none", evidence: [] },
      family: UNKNOWN_FAMILY,
    },
    link: createLedger(profile),
    patience: createPatience(),
    tally: {
      phase: "connect",
      phaseMs: {},
      incidents: [],
      wasCutOff: false,
      touched: false,
      wrote: false,
      startable: false,
      figures: { ...NO_FIGURES },
    },
    clock: { now: 0, startedAt: 0, lastTransferAt: 0, idleSince: undefined, phaseSince: 0 },
    startProfile: PROFILES[profile],
    budgets: budgetsFor(0),
  };
}

/** Performs a step and keeps the time. */
export function* step(run: Run, what: Step<EngineEvent>): Work<Reply> {
  const reply = yield what;
  run.clock.now = reply.now;
  return reply;
}

/** What is left of the profile's gap: a wait for the device is idle time as well. */
const gapLeft = ({ link: { profile }, clock: { now, idleSince } }: Run): number =>
  profile.gapMs - (idleSince === undefined ? 0 : now - idleSince);

/** A control transfer, after the profile's gap. Throws `link.budget` when the run's time is over. */
export function* transfer(
  run: Run,
  what: Extract<Step<EngineEvent>, { kind: "in" | "out" | "alternate" }>,
): Work<Reply> {
  if (run.link.transfers > 0) {
    const ms = gapLeft(run);
    if (ms > 0) yield* step(run, { kind: "wait", ms });
    if (run.clock.now - run.clock.startedAt > run.budgets.runMs) {
      throw new DfuError(
        "link.budget",
        `not done after ${Math.round(run.clock.now - run.clock.startedAt)} ms`,
      );
    }
  }
  run.link.countTransfer();
  try {
    run.clock.idleSince = undefined;
    const reply = yield what;
    run.clock.now = reply.now;
    run.clock.idleSince = reply.now;
    return reply;
  } finally {
    run.clock.lastTransferAt = run.clock.now;
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
    phase: run.tally.phase,
    atMs: run.clock.now - run.clock.startedAt,
    ...(address === undefined ? {} : { address }),
    detail,
  };
  run.tally.incidents.push(entry);
  yield* emit(run, { event: "incident", ...entry });
}

export function enterPhase(run: Run, phase: Phase): void {
  run.tally.phaseMs[run.tally.phase] =
    (run.tally.phaseMs[run.tally.phase] ?? 0) + (run.clock.now - run.clock.phaseSince);
  run.tally.phase = phase;
  run.clock.phaseSince = run.clock.now;
}

/** Counts a link failure against the profile. Another one may be taken (rule 18, docs/protocol.md). */
export function* countFailure(run: Run, cause: EngineCode): Work<void> {
  const from = run.link.countFailure(cause);
  if (from === undefined) return;
  const to = run.link.profile.name;
  yield* emit(run, { event: "profile", from: from.name, to, cause });
  yield* incident(run, "link.escalated", `${from.name} to ${to} after ${cause}`);
}

/** Counts work that was done and takes the next faster step back after a clean stretch (rule 18, docs/protocol.md). */
export function* countSuccess(run: Run): Work<void> {
  const steps = run.link.countSuccess();
  if (steps.profile !== undefined) {
    const { from, to } = steps.profile;
    yield* emit(run, { event: "profile", from, to });
  }
  if (steps.blocks !== undefined) yield* emit(run, { event: "blocks", ...steps.blocks });
}

/** A data block of `bytes` made the unit hang, and smaller ones may not: takes smaller ones, or gives them up where they hang as well. */
export function* shrinkBlocks(run: Run, bytes: number, cause: EngineCode): Work<void> {
  const blocks = run.link.shrinkBlocks(bytes);
  if (blocks === undefined) return;
  yield* emit(run, { event: "blocks", ...blocks, cause });
  const to = blocks.to === undefined ? "as large as the profile has them" : `of ${blocks.to} bytes`;
  yield* incident(run, "link.escalated", `blocks ${to} after ${cause} at ${bytes} bytes`);
}

export const hasLinkIncident = (run: Run): boolean =>
  run.tally.incidents.some((entry) => ENGINE_CODES[entry.code].link);
