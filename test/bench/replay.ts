import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { createVirtualUnit, VirtualClock } from "@flashline/virtual-stm32";
import { MachineError } from "../vm/harness/cache.ts";
import { classTransfers, type DeviceLog } from "./device-log.ts";
import type { Tool } from "./emulated.ts";
import type { Recording } from "./recordings.ts";
import { holdsImage, PART, type PartState, prepare } from "./subject.ts";

/** About what a full-speed control transfer of 2 KiB takes on a real bus (two frames at the least are not unusual). */
export const TRANSFER_MS = 0.5;

/**
 * What a sequence is replayed at, ms a transfer. The last is what a transfer cost where the targets were drawn: dfu-util took
 * 10.2 s there with 1176 transfers, of which 5.1 s were the chip's own.
 */
export const REPLAYED_AT_MS = [TRANSFER_MS, 1.5, 4.3] as const;

/** One recorded sequence, without the machine that it was recorded on. */
export interface Replayed {
  readonly tool: Tool;
  readonly state: PartState;
  /** Requests of the DFU class. */
  readonly transfers: number;
  /** At each of {@link REPLAYED_AT_MS}. */
  readonly ms: readonly number[];
}

export const replayAll = (recordings: readonly Recording[]): readonly Replayed[] =>
  recordings.map(({ tool, state, log }) => ({
    tool,
    state,
    transfers: classTransfers(log),
    ms: REPLAYED_AT_MS.map((transferMs) => replay(log, state, transferMs)),
  }));

const CLEAR_STATUS = {
  requestType: 0x21,
  request: DfuRequest.ClrStatus,
  value: 0,
  index: 0,
  length: 0,
} as const;

/**
 * Plays a recorded sequence against a fresh unit on a virtual clock: every transfer costs the same, and after every answer
 * that says "busy" the announced time passes. What is left is what the sequence itself costs, without the machine that it
 * was recorded on. @throws MachineError when the unit does not hold the image at the end
 */
function replay(log: DeviceLog, state: PartState, transferMs: number): number {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: PART, clock, timing: "typical" });
  prepare(unit.flash, state);
  // The recorded unit had been spoken to before; a fresh one begins in dfuERROR.
  unit.configure();
  unit.handleControl(CLEAR_STATUS);
  for (const { setup, data, carried } of log.transfers) {
    clock.advance(transferMs);
    const reply = unit.handleControl(setup, data);
    if (reply.kind !== "data") {
      if (carried) throw new MachineError(`request ${setup.request} failed in the replay`);
      continue;
    }
    clock.advance(reply.afterMs);
    const [, low = 0, middle = 0, high = 0, next] = reply.data;
    const isStatus = setup.requestType === 0xa1 && setup.request === DfuRequest.GetStatus;
    if (isStatus && next === DfuState.DnBusy) clock.advance(low | (middle << 8) | (high << 16));
  }
  if (!holdsImage(unit.flash)) throw new MachineError("the replay does not end with the image");
  return clock.now() - transferMs;
}
