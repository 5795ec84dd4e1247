import { DfuRequest, DfuState, DfuStatus } from "../../protocol/constants.ts";
import { type DeviceStatus, parseStatus } from "../../protocol/status.ts";
import { type Run, transfer, type Work } from "../machine/run.ts";
import { Trouble } from "./trouble.ts";

const NOTHING = new Uint8Array(0);

/** Time-out of a transfer that makes the device do nothing; ms. */
export const usualTimeoutMs = (run: Run): number =>
  run.patience.transferTimeoutMs(run.link.profile.transferTimeoutMs);

export function* send(
  run: Run,
  request: DfuRequest,
  value: number,
  data: Uint8Array = NOTHING,
): Work<void> {
  const timeoutMs = usualTimeoutMs(run);
  if (data.length > 0) run.link.countData();
  yield* transfer(run, { kind: "out", request, value, data, timeoutMs });
}

export function* getStatus(run: Run, timeoutMs = usualTimeoutMs(run)): Work<DeviceStatus> {
  const request = DfuRequest.GetStatus;
  const { data } = yield* transfer(run, { kind: "in", request, value: 0, length: 6, timeoutMs });
  const status = parseStatus(data);
  if (status === undefined) {
    throw new Trouble("link.desync", `GETSTATUS gave ${data.length} bytes, expected 6`, {
      executed: "unknown",
    });
  }
  return status;
}

/** Changes nothing in the device. */
export function* getState(run: Run, timeoutMs = usualTimeoutMs(run)): Work<number> {
  const request = DfuRequest.GetState;
  const { data } = yield* transfer(run, { kind: "in", request, value: 0, length: 1, timeoutMs });
  const [state] = data;
  if (state === undefined) throw new Trouble("link.desync", "GETSTATE gave no byte");
  return state;
}

export function* upload(run: Run, block: number, length: number): Work<Uint8Array> {
  const timeoutMs = usualTimeoutMs(run);
  const request = DfuRequest.Upload;
  const { data } = yield* transfer(run, { kind: "in", request, value: block, length, timeoutMs });
  return data;
}

/** To dfuIDLE from any state but dfuDNBUSY and dfuERROR; nothing is sent when the device is there already. */
export function* toIdle(run: Run): Work<void> {
  if (run.link.state === "idle") return;
  yield* send(run, DfuRequest.Abort, 0);
  run.link.setState("idle");
}

/** SET_INTERFACE when another memory is wanted. It leaves the device in dfuIDLE, where it was before. */
export function* selectAlternate(run: Run, alternate: number): Work<void> {
  if (run.link.alternate === alternate) return;
  yield* toIdle(run);
  yield* transfer(run, { kind: "alternate", alternate });
  run.link.selected(alternate);
}

/**
 * A refusal in the device's own words. It does not count against the link unless it vanishes later. The other statuses say that
 * host and device lost step, and do not say that the device refuses something.
 */
export const isRefusal = (status: DeviceStatus): boolean =>
  status.state === DfuState.Error &&
  status.status !== DfuStatus.Ok &&
  status.status !== DfuStatus.ErrStalledPacket &&
  status.status !== DfuStatus.ErrNotDone &&
  status.status !== DfuStatus.ErrUsbReset &&
  status.status !== DfuStatus.ErrPowerOnReset;
