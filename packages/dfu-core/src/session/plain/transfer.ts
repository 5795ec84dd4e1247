import { DfuRequest, DfuState, DfuStatus } from "../../protocol/constants.ts";
import { type DeviceStatus, stateName, statusName } from "../../protocol/status.ts";
import { refusal } from "../link/operate.ts";
import { getStatus, isRefusal, send, toIdle, upload } from "../link/requests.ts";
import { Trouble, troubleFrom } from "../link/trouble.ts";
import { type Run, step, type Work } from "../machine/run.ts";
import { equalBytes } from "../sectors/bytes.ts";

const BUDGET_MS = 60_000;
const START_TIMEOUT_MS = 35_000;

/** Polls until one of the wanted states. Throws Trouble for an error, for a state that does not lead there, and after 60 s. */
function* pollFor(
  run: Run,
  what: string,
  wanted: readonly number[],
  onTheWay: readonly number[],
): Work<number> {
  const begun = run.clock.now;
  for (;;) {
    let status: DeviceStatus;
    try {
      status = yield* getStatus(run, START_TIMEOUT_MS);
    } catch (error) {
      throw troubleFrom(error, `${what}: GETSTATUS`, "unknown");
    }
    const got = `${stateName(status.state)} with ${statusName(status.status)}`;
    if (status.status === DfuStatus.Ok && wanted.includes(status.state)) return status.state;
    if (status.status !== DfuStatus.Ok || !onTheWay.includes(status.state)) {
      if (isRefusal(status)) throw refusal(status, `${what}: ${got}`);
      throw new Trouble("link.desync", `${what}: got ${got}`, { executed: "unknown" });
    }
    if (run.clock.now - begun >= BUDGET_MS) {
      throw new Trouble(
        "link.busy_wedge",
        `${what}: ${got} for ${Math.round(run.clock.now - begun)} ms`,
        {
          executed: "unknown",
        },
      );
    }
    const { pollFloorMs, pollScale } = run.link.profile;
    const ms = Math.max(1, pollFloorMs, status.pollTimeoutMs * pollScale);
    yield* step(run, { kind: "wait", ms: Math.min(ms, BUDGET_MS) });
  }
}

/** From dfuIDLE: every block from 0 on, then the empty one that ends it (USB DFU 1.1, section 6.1). Gives the state after manifestation. */
export function* downloadAll(
  run: Run,
  data: Uint8Array,
  wrote: (bytes: number) => Work<void>,
): Work<number> {
  yield* toIdle(run);
  run.link.setState(undefined);
  const size = run.device.transferSize;
  for (let at = 0, block = 0; at < data.length; at += size, block += 1) {
    const bytes = data.subarray(at, at + size);
    const what = `block ${block}`;
    try {
      yield* send(run, DfuRequest.Dnload, block & 0xffff, bytes);
    } catch (error) {
      throw troubleFrom(error, `${what}: DNLOAD`, "unknown");
    }
    yield* pollFor(run, what, [DfuState.DnloadIdle], [DfuState.DnBusy, DfuState.DnloadSync]);
    yield* wrote(at + bytes.length);
  }
  try {
    yield* send(run, DfuRequest.Dnload, Math.ceil(data.length / size) & 0xffff);
  } catch (error) {
    throw troubleFrom(error, "the end: DNLOAD", "unknown");
  }
  return yield* pollFor(
    run,
    "manifestation",
    [DfuState.Idle, DfuState.ManifestWaitReset],
    [DfuState.ManifestSync, DfuState.Manifest, DfuState.DnBusy],
  );
}

/** Uploads from the start and compares. Gives the offset of the first byte that differs or is missing, undefined when none does. */
export function* differsAt(
  run: Run,
  data: Uint8Array,
  read: (bytes: number) => Work<void>,
): Work<number | undefined> {
  run.link.setState(undefined);
  yield* toIdle(run);
  run.link.setState(undefined);
  const size = run.device.transferSize;
  for (let at = 0, block = 0; at < data.length; at += size, block += 1) {
    let bytes: Uint8Array;
    try {
      bytes = yield* upload(run, block & 0xffff, size);
    } catch (error) {
      throw troubleFrom(error, `UPLOAD of block ${block}`, "unknown");
    }
    const expected = data.subarray(at, at + size);
    const got = bytes.subarray(0, expected.length);
    if (!equalBytes(got, expected)) {
      const first = expected.findIndex((byte, index) => byte !== got[index]);
      yield* toIdle(run);
      return at + first;
    }
    yield* read(at + got.length);
  }
  yield* toIdle(run);
  return undefined;
}
