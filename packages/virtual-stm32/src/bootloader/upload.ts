import { DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import type { Part } from "../parts/index.ts";
import { answer, type ControlReply, GONE, type SetupPacket, stall } from "../usb/setup.ts";
import type { Board } from "./board.ts";
import type { Journal } from "./journal.ts";
import { readBlock } from "./memory-access.ts";
import { type BootState, toError, toIdle } from "./state.ts";

/**
 * DFU_UPLOAD: block 0 lists the commands, block 1 is reserved, the others read memory (AN3156, section 4), which holds the
 * bus for as long as the flash is at work.
 */
export function upload(
  setup: SetupPacket,
  boot: BootState,
  part: Part,
  board: Board,
  journal: Journal,
  flashBusyMs: number,
): ControlReply {
  const refuse = (code: string, detail: string): ControlReply => {
    journal.reject(code, detail);
    return stall();
  };
  if (boot.state !== DfuState.Idle && boot.state !== DfuState.UploadIdle) {
    boot.block = 0;
    boot.length = 0;
    return refuse("upload.state", `in state ${boot.state}`);
  }
  if (setup.length === 0) {
    toIdle(boot);
    return answer();
  }
  if (setup.value === 0) {
    boot.buffer.set(part.rom.commands);
    boot.state = setup.length > 3 ? DfuState.Idle : DfuState.UploadIdle;
    return answer(Uint8Array.from(part.rom.commands).subarray(0, setup.length));
  }
  if (setup.value === 1) {
    toError(boot, DfuStatus.ErrStalledPacket);
    return refuse("upload.block1", "wBlockNum 1 is reserved");
  }
  if (setup.length > part.usb.transferSize) {
    return refuse("upload.too_long", `${setup.length} bytes`);
  }
  const falseStatus = board.falseUploadStatus();
  if (falseStatus !== undefined) {
    toError(boot, falseStatus);
    return stall();
  }
  const address = (setup.value - 2) * part.usb.transferSize + boot.pointer;
  const read = readBlock(board.access(), address, setup.length);
  switch (read.kind) {
    case "refused":
      // The library reads whatever address it has, and the core faults.
      if (part.rom.library !== undefined) {
        board.rebooted();
        return GONE;
      }
      toError(boot, read.status);
      return stall();
    case "fault":
      board.rebooted();
      return GONE;
    case "data":
      boot.state = DfuState.UploadIdle;
      boot.buffer.set(read.data);
      return answer(read.data, flashBusyMs);
  }
}
