import type { EngineCode } from "../../codes.ts";
import { hex32 } from "../../errors.ts";
import type { OperationTimes } from "../../pacing/budgets.ts";
import { DfuRequest, DfuState, DfuStatus } from "../../protocol/constants.ts";
import { type DeviceStatus, stateName, statusName } from "../../protocol/status.ts";
import { incident, type Run, step, type Work } from "../machine/run.ts";
import { getState, getStatus, isRefusal, send, usualTimeoutMs } from "./requests.ts";
import { disarmBuffer, noteSent } from "./shared-buffer.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

export interface Operation {
  /** For messages: "erase", "write", "SET_ADDRESS". */
  readonly what: string;
  readonly block: number;
  readonly data: Uint8Array;
  readonly address: number;
  readonly times: OperationTimes;
  /** Of a command: the last one in its place, unnoticed, would do no harm. */
  readonly bounded?: boolean;
}

/**
 * DNLOAD, the GETSTATUS that starts it, and polls until it is done (AN3156, section 5). Throws Trouble: with `executed`
 * "no" as long as no GETSTATUS was sent, for nothing else makes the device act.
 * Before a command the device's buffer is made harmless.
 */
export function* operate(run: Run, operation: Operation): Work<void> {
  const what = `${operation.what} at ${hex32(operation.address)}`;
  if (operation.block === 0) yield* disarmBuffer(run, operation.data, operation.bounded === true);
  run.link.setState(undefined);
  run.link.setPointed(undefined);
  noteSent(run, operation.block, operation.data, operation.bounded);
  try {
    yield* send(run, DfuRequest.Dnload, operation.block, operation.data);
  } catch (error) {
    throw troubleFrom(error, `${what}: DNLOAD`, "no");
  }
  let status: DeviceStatus;
  let begun = run.clock.now;
  try {
    const { startTimeoutMs } = operation.times;
    const usualMs = Math.max(usualTimeoutMs(run), startTimeoutMs);
    begun = run.clock.now;
    status = yield* getStatus(run, statusTimeoutMs(run, operation, usualMs));
  } catch (error) {
    throw troubleFrom(error, `${what}: first GETSTATUS`, "unknown", operation.times);
  }
  if (status.state !== DfuState.DnBusy || status.status !== DfuStatus.Ok) {
    throw unexpected(status, what, "dfuDnBusy");
  }
  yield* pollUntilDone(run, operation, status, what);
  run.patience.noteDone(operation.what, operation.times.maximumMs, run.clock.now - begun);
  run.link.setState("download");
}

function* pollUntilDone(
  run: Run,
  operation: Operation,
  first: DeviceStatus,
  what: string,
): Work<void> {
  const { floorMs, maximumMs } = operation.times;
  const budgetMs = run.patience.busyMs(operation.what, operation.times);
  const begun = run.clock.now;
  const announced = first.pollTimeoutMs;
  let wait =
    Math.max(announced, floorMs, run.link.profile.pollFloorMs) * run.link.profile.pollScale;
  let stalled = false;
  /** The last time the device was seen at work. A late question of the host proves nothing about the device. */
  let busyUntil = begun;
  for (;;) {
    const left = budgetMs - (run.clock.now - begun);
    yield* step(run, { kind: "wait", ms: Math.max(1, Math.min(wait, left)) });
    const status = yield* pollOnce(run, operation, what, stalled);
    if (status === undefined) {
      stalled = true;
      busyUntil = run.clock.now;
      if (run.clock.now - begun >= budgetMs)
        throw wedge(run.clock.now - begun, what, operation.address);
      continue;
    }
    if (status.state === DfuState.DnloadIdle && status.status === DfuStatus.Ok) break;
    if (status.state !== DfuState.DnBusy || status.status !== DfuStatus.Ok) {
      throw unexpected(status, what, "dfuDnloadIdle");
    }
    busyUntil = run.clock.now;
    const elapsed = run.clock.now - begun;
    if (elapsed >= budgetMs) throw wedge(elapsed, what, operation.address);
    const { pollFloorMs, pollScale } = run.link.profile;
    wait = Math.max(status.pollTimeoutMs * pollScale, pollFloorMs, elapsed / 16);
  }
  const took = busyUntil - begun;
  if (took > 3 * Math.max(announced, maximumMs, floorMs) * run.link.profile.pollScale + 100) {
    yield* incident(
      run,
      "link.slow_busy",
      `${what}: dfuDNBUSY for ${Math.round(took)} ms, announced ${announced} ms`,
      operation.address,
    );
  }
}

/**
 * One GETSTATUS while the device works. Undefined when it was stalled and the device is at work still: L4 stalls a poll that
 * comes too early (dfu-util ticket 40). GETSTATE tells, which changes nothing.
 */
function* pollOnce(
  run: Run,
  operation: Operation,
  what: string,
  stalledBefore: boolean,
): Work<DeviceStatus | undefined> {
  const { maximumMs, startTimeoutMs } = operation.times;
  const usualMs = Math.max(usualTimeoutMs(run), Math.min(startTimeoutMs, 2 * maximumMs));
  const timeoutMs = statusTimeoutMs(run, operation, usualMs);
  try {
    return yield* getStatus(run, timeoutMs);
  } catch (error) {
    const trouble =
      error instanceof Trouble
        ? error
        : troubleFrom(error, `${what}: GETSTATUS`, "unknown", operation.times);
    if (trouble.code !== "link.stall") throw trouble;
    if (!stalledBefore) {
      yield* incident(run, "link.stall", `${what}: a poll was stalled`, operation.address);
    }
    let state: number;
    try {
      state = yield* getState(run);
    } catch {
      throw trouble;
    }
    if (state === DfuState.DnBusy || state === DfuState.DnloadSync) return undefined;
    throw trouble;
  }
}

const statusTimeoutMs = (run: Run, { what, times }: Operation, usualMs: number): number =>
  run.patience.statusTimeoutMs(what, times, usualMs, run.link.row.length);

const wedge = (elapsed: number, what: string, address: number): Trouble =>
  new Trouble("link.busy_wedge", `${what}: dfuDNBUSY for ${Math.round(elapsed)} ms`, {
    address,
    executed: "unknown",
  });

function unexpected(status: DeviceStatus, what: string, expected: string): Trouble {
  const got = `${stateName(status.state)} with ${statusName(status.status)}`;
  if (isRefusal(status)) return refusal(status, `${what}: ${got}`);
  return new Trouble("link.desync", `${what}: got ${got}, expected ${expected}`, {
    executed: "unknown",
  });
}

/** The code a refusal has when the device keeps to it. */
function refusalCode(status: number): EngineCode {
  switch (status) {
    case DfuStatus.ErrVendor:
      return "protection.not_proven";
    case DfuStatus.ErrTarget:
    case DfuStatus.ErrAddress:
      return "flash.address_refused";
    case DfuStatus.ErrErase:
    case DfuStatus.ErrCheckErased:
      return "flash.erase_failed";
    default:
      return "flash.write_failed";
  }
}

export const refusal = (status: DeviceStatus, message: string): Trouble =>
  new Trouble(refusalCode(status.status), message, { executed: "unknown", status: status.status });
