import { DfuSeCommand } from "../../protocol/constants.ts";
import type { BufferContent } from "../machine/ledger.ts";
import type { Run, Work } from "../machine/run.ts";
import { toIdle, upload } from "./requests.ts";
import { troubleFrom } from "./trouble.ts";

/*
 * The device has one buffer for both directions. The SETUP of a DNLOAD alone stores block and length; where its data stage is lost,
 * the next GETSTATUS executes what lies in the buffer (ST's usbd_dfu.c). For block 0 that is whatever was written, read or commanded
 * last: firmware as the erase of a sector that nobody named, or the last command once more.
 */

/** Bytes of a command that names an address; mass erase and Read Unprotect are a single one, and not to be had twice. */
const ADDRESSED = 5;

const contentOf = (data: Uint8Array): BufferContent => {
  const [first] = data;
  const acts =
    first === undefined ||
    first === DfuSeCommand.SetAddress ||
    first === DfuSeCommand.Erase ||
    first === DfuSeCommand.ReadUnprotect;
  return acts ? "unknown" : "harmless";
};

/** Before a DNLOAD: its data may arrive, and it may not. */
export function noteSent(run: Run, block: number, data: Uint8Array): void {
  if (block === 0) run.link.setBuffer(data.length === ADDRESSED ? "command" : "unknown");
  else if (contentOf(data) === "unknown") run.link.setBuffer("unknown");
}

/** UPLOAD through the buffer. What a failed one has left there is not known. */
export function* uploadNoted(run: Run, block: number, length: number): Work<Uint8Array> {
  run.link.setBuffer("unknown");
  const data = yield* upload(run, block, length);
  run.link.setBuffer(contentOf(data));
  return data;
}

/**
 * Whoever lists Read Unprotect is a ROM (AN3156, section 4.1), which refuses what is no command; ST's library does not list it
 * (usbd_dfu.c, DFU_Upload), nor does it refuse.
 *
 * Get Commands: the device's list, and its buffer is left beginning with 0x00, which is no command that acts. */
export function* getCommands(run: Run): Work<Uint8Array> {
  yield* toIdle(run);
  run.link.setState(undefined);
  run.link.loseCursor();
  const commands = yield* uploadNoted(run, 0, 4);
  if (!commands.includes(DfuSeCommand.ReadUnprotect)) run.link.takesUnknown();
  return commands;
}

/**
 * To be called before `command` is sent: should its data be lost, nothing acts in its place unnoticed. `bounded`: the old address does no
 * harm here. Leaves dfuIDLE when it had to do something.
 */
export function* disarmBuffer(run: Run, command: Uint8Array, bounded: boolean): Work<void> {
  if (run.link.buffer === "harmless") return;
  if (run.link.buffer === "command" && (bounded || command[0] === DfuSeCommand.Erase)) return;
  try {
    yield* getCommands(run);
    yield* toIdle(run);
  } catch (error) {
    throw troubleFrom(error, "Get Commands", "no");
  }
}
