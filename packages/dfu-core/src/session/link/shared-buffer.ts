import { DfuSeCommand } from "../../protocol/constants.ts";
import type { BufferContent } from "../machine/ledger.ts";
import type { Run, Work } from "../machine/run.ts";
import { toIdle, upload } from "./requests.ts";
import { troubleFrom } from "./trouble.ts";

/*
 * The device has one buffer for both directions. The SETUP of a DNLOAD alone stores block and length; where its data stage is lost,
 * the next GETSTATUS executes what lies in the buffer (ST's usbd_dfu.c). For block 0 that is the last data written or read, or the
 * last command. Firmware may be taken for the erase of any sector, and the last command is executed once more.
 */

/** Bytes of a command that names an address. Mass erase and Read Unprotect have one byte and must never be executed twice. */
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

/** Before a DNLOAD, whose data may be lost. */
export function noteSent(run: Run, block: number, data: Uint8Array): void {
  if (block === 0) run.link.setBuffer(data.length === ADDRESSED ? "command" : "unknown");
  else if (contentOf(data) === "unknown") run.link.setBuffer("unknown");
}

/** UPLOAD through the buffer. After a failed one the buffer's content is not known. */
export function* uploadNoted(run: Run, block: number, length: number): Work<Uint8Array> {
  run.link.setBuffer("unknown");
  const data = yield* upload(run, block, length);
  run.link.setBuffer(contentOf(data));
  return data;
}

/**
 * A bootloader that lists Read Unprotect is a ROM (AN3156, section 4.1); a ROM refuses unknown commands. ST's library does not list
 * it (usbd_dfu.c, DFU_Upload), and does not refuse them.
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
 * Called before `command` is sent. If its data is lost, no other command is executed unnoticed in its place. `bounded`: the old
 * address does no harm here. The device is in dfuIDLE afterwards if this sent something.
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
