import { DfuError } from "../../errors.ts";
import { DfuRequest, DfuState } from "../../protocol/constants.ts";
import type { DeviceDescriptors } from "../../protocol/descriptors.ts";
import { type DeviceStatus, stateName, statusName } from "../../protocol/status.ts";
import type { Reply } from "../../protocol/step.ts";
import { LinkError } from "../../protocol/transport.ts";
import { concerns, QUIRKS } from "../../quirks/index.ts";
import { emit, incident, type Run, step, type Work } from "../machine/run.ts";
import { getState, getStatus, isRefusal, send, usualTimeoutMs } from "./requests.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

/** The device is in dfuIDLE again: how it was found and what brought it back. */
export interface Resynced {
  readonly kind: "idle";
  /** bState before anything was done about it; undefined when it could not be asked. */
  readonly found: number | undefined;
  /** The status of a dfuERROR that is a refusal. */
  readonly refused: DeviceStatus | undefined;
  /** bStatus of a dfuERROR in which it was found, whether that is a refusal or not. */
  readonly status: number | undefined;
  /** The unit answered the first request after the trouble. */
  readonly prompt: boolean;
  readonly by: string;
  /** Only a bus reset, or the unit's return to its port, brought it there. */
  readonly rung: "requests" | "bus reset" | "arrival";
  /** A person took it out and put it back: no trouble of the link. */
  readonly unplugged?: true;
}

/** `gone`: the unit is off its port. `stuck`: it is on its port and does not answer as it should. */
export type Settled = Resynced | { readonly kind: "gone" } | { readonly kind: "stuck" };

const TRIES = 7;
/** Between tries, each four times as long as the last and at most this: a unit that is silent for some seconds is not lost. */
const LONGEST_PAUSE_MS = 2000;
/** A unit that resets itself is back sooner: a port without any for so long was emptied by hands. Or its unit has no power any more. */
const HANDS_MS = 1000;
/** For a dfuDNBUSY that an earlier host left behind. */
const OPENING_PATIENCE_MS = 60_000;

/**
 * Brings the device to dfuIDLE from any state, without ever starting what may lie in its buffer (rule 1, docs/protocol.md), by
 * the ladder: wait → CLRSTATUS or ABORT → bus reset → re-enumerate → power cycle where a hub can. Throws the trouble's own code
 * as a plain error when the ladder ends, `link.lost` or `attempt.unplugged` when the unit does not come back, `device.other` when another
 * one does.
 */
export function* resync(run: Run, trouble: Trouble): Work<Resynced> {
  run.link.loseCursor();
  run.link.setState(undefined);
  const begun = run.clock.now;
  // The clock stands where the transfer began that failed: any step lets it go on, and what went by is lost.
  yield* emit(run, { event: "recovering", cause: trouble.code });
  run.link.addLostTime(run.clock.now - begun);
  const back = yield* climb(run, trouble);
  yield* emit(run, { event: "recovered" });
  return back;
}

function* climb(run: Run, trouble: Trouble): Work<Resynced> {
  let gone = trouble.gone;
  let hasTried = false;
  if (!gone) {
    const patienceMs = trouble.code === "link.busy_wedge" ? 0 : trouble.patienceMs;
    const result = yield* settle(run, patienceMs, run.patience.silenceMs(trouble.silenceMs));
    if (result.kind === "idle") return result;
    gone = result.kind === "gone";
  }
  if (!gone && (yield* busReset(run, "cure"))) {
    hasTried = true;
    const result = yield* settle(run, 0, trouble.silenceMs);
    if (result.kind === "idle")
      return { ...result, found: undefined, prompt: false, rung: "bus reset" };
  }
  const back = yield* comeBack(run, hasTried ? "cure" : "left");
  if (back.kind === "idle") return back;
  const power = yield* powerCycle(run);
  if (power.done) {
    const cycled = yield* comeBack(run);
    if (cycled.kind === "idle") return cycled;
  }
  throw new DfuError(trouble.code, `${trouble.message}; nothing brought the unit back${power.why}`);
}

function* comeBack(run: Run, purpose: "cure" | "left" = "cure"): Work<Settled> {
  const { unplugged } = yield* reenumerate(run, purpose);
  const result = yield* settle(run, 0);
  if (result.kind !== "idle") return result;
  return {
    ...result,
    found: undefined,
    prompt: false,
    rung: "arrival",
    ...(unplugged ? { unplugged } : {}),
  };
}

function* powerCycle(run: Run): Work<Switched> {
  const power = yield* switchPower(run);
  if (power.done) yield* incident(run, "link.power_cycled", "power of the port off and on");
  return power;
}

/** `done` is false where no hub on the path can switch power. `why` continues a message, if the transport gives a reason. */
interface Switched {
  readonly done: boolean;
  readonly why: string;
}

/** The unit's port off and on, by the hub. The unit is to be waited for after it. */
export function* switchPower(run: Run): Work<Switched> {
  try {
    return { done: (yield* step(run, { kind: "power-cycle" })).done, why: "" };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { done: false, why: `; ${error.message}` };
  }
}

/**
 * The first two rungs of the ladder. A device in dfuDNBUSY gets `patienceMs` once; one that answers nothing gets `silenceMs`,
 * and {@link TRIES} at most.
 */
export function* settle(
  run: Run,
  patienceMs: number,
  silenceMs = Number.POSITIVE_INFINITY,
): Work<Settled> {
  const timeoutMs = Math.min(usualTimeoutMs(run), silenceMs);
  let silentSince = run.clock.now;
  let prompt = false;
  let found: number | undefined;
  let refused: DeviceStatus | undefined;
  let bStatus: number | undefined;
  const steps: string[] = [];
  let patience = patienceMs;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const begun = run.clock.now;
    try {
      let state = yield* getState(run, timeoutMs);
      silentSince = run.clock.now;
      prompt ||= tries === 0;
      found ??= state;
      if (state === DfuState.DnBusy) {
        const waiting = patience;
        patience = 0;
        state = yield* leaveBusy(run, waiting, steps);
      }
      if (state === DfuState.Error) {
        const status = yield* getStatus(run);
        bStatus ??= status.status;
        if (isRefusal(status)) refused ??= status;
        steps.push(`CLRSTATUS after ${statusName(status.status)}`);
        yield* send(run, DfuRequest.ClrStatus, 0);
        state = yield* getState(run);
      } else if (state !== DfuState.Idle) {
        steps.push(`ABORT in ${stateName(state)}`);
        yield* send(run, DfuRequest.Abort, 0);
        state = yield* getState(run);
      }
      if (state === DfuState.Idle) {
        run.link.setState("idle");
        return {
          kind: "idle",
          found,
          refused,
          status: bStatus,
          prompt,
          by: steps.join(", ") || "nothing",
          rung: "requests",
        };
      }
    } catch (error) {
      const trouble = error instanceof Trouble ? error : troubleFrom(error, "resync", "unknown");
      if (trouble.gone) return { kind: "gone" };
      steps.push(trouble.code);
    }
    yield* step(run, { kind: "wait", ms: Math.min(10 * 4 ** tries, LONGEST_PAUSE_MS) });
    run.link.addLostTime(run.clock.now - begun);
    if (run.clock.now - silentSince >= silenceMs) break;
  }
  return { kind: "stuck" };
}

function* leaveBusy(run: Run, patienceMs: number, steps: string[]): Work<number> {
  const begun = run.clock.now;
  if (patienceMs > 0) {
    steps.push("waited in dfuDNBUSY");
    while (run.clock.now - begun < patienceMs) {
      yield* step(run, { kind: "wait", ms: Math.max(10, (run.clock.now - begun) / 16) });
      const state = yield* getState(run);
      if (state !== DfuState.DnBusy) return state;
    }
  }
  if (concerns(QUIRKS["busy-wedge"], run.device.family)) {
    steps.push("CLRSTATUS twice");
    yield* send(run, DfuRequest.ClrStatus, 0);
    yield* send(run, DfuRequest.ClrStatus, 0);
  } else {
    steps.push("ABORT in dfuDNBUSY");
    yield* send(run, DfuRequest.Abort, 0);
  }
  return yield* getState(run);
}

/** False where the platform cannot, and where the reset itself failed. As a cure it is an incident, as a test it is not. */
export function* busReset(run: Run, purpose: "cure" | "test"): Work<boolean> {
  let done = false;
  try {
    done = (yield* step(run, { kind: "reset" })).done;
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
  }
  run.link.wasReset();
  if (done && purpose === "cure")
    yield* incident(run, "link.bus_reset", "bus reset and SET_CONFIGURATION");
  return done;
}

/** Why a unit is waited for. */
type Waiting = "asked" | "left" | "cure";

/**
 * Waits for the unit on its port and makes sure that it is the same, as far as descriptors can tell (rule 14, docs/protocol.md). A
 * reset that the unit was asked for is no incident. One that left by itself, from a port that the hub shows as empty, was taken out: that
 * is no incident of the link.
 */
export function* reenumerate(
  run: Run,
  waiting: Waiting = "cure",
): Work<{ readonly unplugged: boolean }> {
  run.link.hasLeft();
  const { arrived, unplugged } = yield* arrive(run, waiting);
  if (unplugged) yield* incident(run, "attempt.unplugged", "the unit's port was empty");
  if (arrived instanceof LinkError) {
    if (waiting !== "asked" && !unplugged) yield* incident(run, "link.lost", arrived.message);
    const left = unplugged ? "the unit was taken out of its port" : "the unit left its port";
    throw new DfuError(
      unplugged ? "attempt.unplugged" : "link.lost",
      `${left} and did not come back within ${run.budgets.reenumerateMs} ms: ${arrived.message}`,
      { cause: arrived },
    );
  }
  run.link.hasArrived();
  const difference = differs(run.device.descriptors, arrived.descriptors);
  if (difference !== undefined) throw new DfuError("device.other", difference);
  if (waiting !== "asked" && !unplugged) {
    yield* incident(run, "link.reenumerated", "the unit answers on its port again");
  }
  return { unplugged };
}

interface Arrival {
  readonly arrived: Reply | LinkError;
  readonly unplugged: boolean;
}

/** A unit that does not come back by itself may come back after its power was off. */
function* arrive(run: Run, waiting: Waiting): Work<Arrival> {
  const first = yield* arrivesInTime(run);
  const unplugged = waiting === "left" && (yield* wasTakenOut(run));
  if (!(first instanceof LinkError) || unplugged) return { arrived: first, unplugged };
  const power = yield* powerCycle(run);
  if (power.done) return { arrived: yield* arrivesInTime(run), unplugged };
  const arrived = new LinkError(first.fault, `${first.message}${power.why}`);
  return { arrived, unplugged };
}

function* wasTakenOut(run: Run): Work<boolean> {
  const { disconnectedMs = 0 } = yield* step(run, { kind: "port" });
  return disconnectedMs >= HANDS_MS;
}

function* arrivesInTime(run: Run): Work<Reply | LinkError> {
  try {
    return yield* step(run, { kind: "reenumerate", deadlineMs: run.budgets.reenumerateMs });
  } catch (error) {
    if (error instanceof LinkError) return error;
    throw error;
  }
}

/** Everything in the descriptors by which a unit is recognised. */
export const identityOf = (of: DeviceDescriptors): string =>
  JSON.stringify([
    of.vendorId,
    of.productId,
    of.bcdDevice,
    of.serial,
    of.alternates.map(({ alternate, name }) => [alternate, name]),
    of.functional?.transferSize,
  ]);

function differs(before: DeviceDescriptors, after: DeviceDescriptors): string | undefined {
  if (identityOf(before) === identityOf(after)) return undefined;
  const was = traitsOf(before);
  const changes = Object.entries(traitsOf(after))
    .filter(([name, is]) => was[name] !== is)
    .map(([name, is]) => `${name} was ${was[name]}, is ${is}`);
  return `another device is on the port: ${changes.join("; ")}`;
}

/** What {@link identityOf} compares, in words. */
const traitsOf = (of: DeviceDescriptors): Readonly<Record<string, string>> => ({
  id: `${hex(of.vendorId)}:${hex(of.productId)}`,
  bcdDevice: hex(of.bcdDevice),
  serial: of.serial || "none",
  memories: of.alternates.map(({ alternate, name }) => `${alternate} ${name}`).join(", "),
  wTransferSize: String(of.functional?.transferSize),
});

const hex = (value: number): string => value.toString(16).padStart(4, "0");

/**
 * From whatever state an earlier host or the ROM's own start left to dfuIDLE: F407 starts in dfuERROR. Not an incident,
 * unless a transfer fails on the way.
 */
export function* openUnit(run: Run): Work<void> {
  const quiet = yield* openQuietly(run);
  if (quiet === undefined) return;
  yield* incident(run, quiet.code, quiet.message);
  const { by } = yield* resync(run, quiet);
  yield* incident(run, "link.resync", `opening: ${by}`);
}

function* openQuietly(run: Run): Work<Trouble | undefined> {
  try {
    let state = yield* getState(run);
    if (state === DfuState.AppIdle || state === DfuState.AppDetach) {
      throw new DfuError("device.not_dfu", `the unit is in ${stateName(state)}, not in DFU mode`);
    }
    if (state === DfuState.DnBusy) {
      const settled = yield* settle(run, OPENING_PATIENCE_MS);
      if (settled.kind === "idle") return undefined;
      return new Trouble("link.busy_wedge", "the unit stays in dfuDNBUSY");
    }
    if (state !== DfuState.Idle) {
      const request = state === DfuState.Error ? DfuRequest.ClrStatus : DfuRequest.Abort;
      yield* send(run, request, 0);
      state = yield* getState(run);
    }
    if (state !== DfuState.Idle) {
      return new Trouble("link.desync", `the unit stays in ${stateName(state)}`);
    }
    run.link.setState("idle");
    return undefined;
  } catch (error) {
    return error instanceof Trouble ? error : troubleFrom(error, "opening", "unknown");
  }
}
