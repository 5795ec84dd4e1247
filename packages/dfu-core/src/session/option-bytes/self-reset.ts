import { DfuRequest, DfuState } from "../../protocol/constants.ts";
import { type DeviceStatus, stateName, statusName } from "../../protocol/status.ts";
import { LinkError, LinkFault } from "../../protocol/transport.ts";
import { refusal } from "../link/operate.ts";
import { getStatus, send, usualTimeoutMs } from "../link/requests.ts";
import { noteSent } from "../link/shared-buffer.ts";
import { Trouble, troubleFrom } from "../link/trouble.ts";
import { type Run, step, type Work } from "../machine/run.ts";

/** A DNLOAD after which the unit resets by itself. */
export interface ResettingOperation {
  readonly what: string;
  readonly block: number;
  readonly data: Uint8Array;
  /** Time-out of the GETSTATUS that starts it; it may block until all is done. */
  readonly startTimeoutMs: number;
  /** How long the unit may stay on the bus. */
  readonly deadlineMs: number;
}

const LOOK_EVERY_MS = 100;

/**
 * Sends it once and waits until the unit is off its port; the second GETSTATUS normally fails (AN3156). Throws Trouble when
 * nothing can have been executed and when the unit refused. Returns whether it was seen to leave.
 */
export function* operateUntilReset(run: Run, operation: ResettingOperation): Work<boolean> {
  run.link.setState(undefined);
  run.link.loseCursor();
  noteSent(run, operation.block, operation.data);
  try {
    yield* send(run, DfuRequest.Dnload, operation.block, operation.data);
  } catch (error) {
    throw troubleFrom(error, `${operation.what}: DNLOAD`, "no");
  }
  const begun = run.clock.now;
  let timeoutMs = operation.startTimeoutMs;
  do {
    const answer = yield* ask(run, timeoutMs);
    if (answer.kind === "gone") return true;
    if (answer.kind === "status") {
      refuse(answer.status, operation.what);
      timeoutMs = usualTimeoutMs(run);
    }
    const announced = answer.kind === "status" ? answer.status.pollTimeoutMs : 0;
    const ms = Math.max(LOOK_EVERY_MS, announced);
    yield* step(run, { kind: "wait", ms });
  } while (run.clock.now - begun < operation.deadlineMs);
  return false;
}

/** `silent`: the unit is on its port and gave no answer. It may be resetting. */
type Answer =
  | { readonly kind: "status"; readonly status: DeviceStatus }
  | { readonly kind: "silent" }
  | { readonly kind: "gone" };

function* ask(run: Run, timeoutMs: number): Work<Answer> {
  try {
    return { kind: "status", status: yield* getStatus(run, timeoutMs) };
  } catch (error) {
    if (error instanceof LinkError) {
      return { kind: error.fault === LinkFault.Gone ? "gone" : "silent" };
    }
    if (error instanceof Trouble) return { kind: "silent" };
    throw error;
  }
}

function refuse(status: DeviceStatus, what: string): void {
  if (status.state !== DfuState.Error) return;
  const got = `${stateName(status.state)} with ${statusName(status.status)}`;
  throw refusal(status, `${what}: ${got}`);
}
