import { DfuSeCommand } from "../protocol/constants.ts";
import { toIdle, upload } from "./requests.ts";
import type { Run, Work } from "./run.ts";
import { troubleFrom } from "./trouble.ts";

/*
 * The device has one buffer for both directions. The SETUP of a DNLOAD alone stores block and length; where its data stage is lost,
 * the next GETSTATUS executes what lies in the buffer (ST's usbd_dfu.c). For block 0 that is whatever was written or read last, as a
 * command: firmware as the erase of a sector that nobody named.
 */

const beginsLikeCommand = (data: Uint8Array): boolean => {
  const [first] = data;
  return (
    first === undefined ||
    first === DfuSeCommand.SetAddress ||
    first === DfuSeCommand.Erase ||
    first === DfuSeCommand.ReadUnprotect
  );
};

/** Before a DNLOAD of content: it may arrive, and it may not. */
export function noteSent(run: Run, block: number, data: Uint8Array): void {
  // The engine's own commands, executed once more, do nothing that was not asked for.
  if (block !== 0) run.bufferActs ||= beginsLikeCommand(data);
}

/** UPLOAD through the buffer. What a failed one has left there is not known. */
export function* uploadNoted(run: Run, block: number, length: number): Work<Uint8Array> {
  run.bufferActs = true;
  const data = yield* upload(run, block, length);
  run.bufferActs = beginsLikeCommand(data);
  return data;
}

/** Get Commands: the device's list, and its buffer is left beginning with 0x00, which is no command that acts. */
export function* getCommands(run: Run): Work<Uint8Array> {
  yield* toIdle(run);
  run.state = undefined;
  run.cursor = undefined;
  return yield* uploadNoted(run, 0, 4);
}

/** To be called before a command is sent: should its data be lost, nothing acts in its place. Leaves dfuIDLE when it had to do something. */
export function* disarmBuffer(run: Run): Work<void> {
  if (!run.bufferActs) return;
  try {
    yield* getCommands(run);
    yield* toIdle(run);
  } catch (error) {
    throw troubleFrom(error, "Get Commands", "no");
  }
}
