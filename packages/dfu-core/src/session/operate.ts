import type { EngineCode } from "../codes.ts";
import { hex32 } from "../errors.ts";
import type { OperationTimes } from "../pacing/budgets.ts";
import { DfuRequest, DfuState, DfuStatus } from "../protocol/constants.ts";
import { type DeviceStatus, stateName, statusName } from "../protocol/status.ts";
import { LinkError, LinkFault } from "../protocol/transport.ts";
import { getStatus, isRefusal, send } from "./requests.ts";
import { incident, type Run, step, type Work } from "./run.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

export interface Operation {
  /** For messages: "erase", "write", "SET_ADDRESS". */
  readonly what: string;
  readonly block: number;
  readonly data: Uint8Array;
  readonly address: number;
  readonly times: OperationTimes;
}

/** Polls that stall because they came too early, as on L4, before the link is blamed (dfu-util ticket 40). */
const STALLED_POLLS = 3;

/**
 * DNLOAD, the GETSTATUS that starts it, and polls until it is done (AN3156, section 5). Throws Trouble: with `executed`
 * "no" as long as no GETSTATUS was sent, for nothing else makes the device act.
 */
export function* operate(run: Run, operation: Operation): Work<void> {
  const what = `${operation.what} at ${hex32(operation.address)}`;
  run.state = undefined;
  try {
    yield* send(run, DfuRequest.Dnload, operation.block, operation.data);
  } catch (error) {
    throw troubleFrom(error, `${what}: DNLOAD`, "no");
  }
  let status: DeviceStatus;
  try {
    status = yield* getStatus(run, operation.times.startTimeoutMs);
  } catch (error) {
    throw troubleFrom(error, `${what}: first GETSTATUS`, "unknown");
  }
  if (status.state !== DfuState.DnBusy || status.status !== DfuStatus.Ok) {
    throw unexpected(status, what, "dfuDnBusy");
  }
  yield* pollUntilDone(run, operation, status, what);
  run.state = "download";
}

function* pollUntilDone(
  run: Run,
  operation: Operation,
  first: DeviceStatus,
  what: string,
): Work<void> {
  const { floorMs, maximumMs, budgetMs } = operation.times;
  const begun = run.now;
  const announced = first.pollTimeoutMs;
  let wait = Math.max(announced, floorMs, run.profile.pollFloorMs) * run.profile.pollScale;
  let stalled = 0;
  for (;;) {
    const left = budgetMs - (run.now - begun);
    yield* step(run, { kind: "wait", ms: Math.max(1, Math.min(wait, left)) });
    let status: DeviceStatus;
    try {
      status = yield* getStatus(run);
    } catch (error) {
      if (!(error instanceof LinkError) || error.fault !== LinkFault.Stall) {
        throw troubleFrom(error, `${what}: GETSTATUS`, "unknown");
      }
      stalled += 1;
      if (stalled > STALLED_POLLS) throw troubleFrom(error, `${what}: GETSTATUS`, "unknown");
      yield* incident(run, "link.stall", `${what}: a poll was stalled`, operation.address);
      continue;
    }
    if (status.state === DfuState.DnloadIdle && status.status === DfuStatus.Ok) break;
    if (status.state !== DfuState.DnBusy || status.status !== DfuStatus.Ok) {
      throw unexpected(status, what, "dfuDnloadIdle");
    }
    const elapsed = run.now - begun;
    if (elapsed >= budgetMs) {
      throw new Trouble("link.busy_wedge", `${what}: dfuDNBUSY for ${Math.round(elapsed)} ms`, {
        address: operation.address,
        executed: "unknown",
      });
    }
    wait = Math.max(status.pollTimeoutMs, run.profile.pollFloorMs, elapsed / 16);
  }
  const took = run.now - begun;
  if (took > 3 * Math.max(announced, maximumMs, floorMs) * run.profile.pollScale + 100) {
    yield* incident(
      run,
      "link.slow_busy",
      `${what}: dfuDNBUSY for ${Math.round(took)} ms, announced ${announced} ms`,
      operation.address,
    );
  }
}

function unexpected(status: DeviceStatus, what: string, expected: string): Trouble {
  const got = `${stateName(status.state)} with ${statusName(status.status)}`;
  if (isRefusal(status)) return refusal(status, `${what}: ${got}`);
  return new Trouble("link.desync", `${what}: got ${got}, expected ${expected}`, {
    executed: "unknown",
  });
}

/** The code a refusal has when the device keeps to it. */
export function refusalCode(status: number): EngineCode {
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
