import { isRomName } from "../../identity/rom-name.ts";
import { DfuRequest, DfuSeCommand, DfuState, DfuStatus } from "../../protocol/constants.ts";
import { type DeviceStatus, stateName } from "../../protocol/status.ts";
import type { BufferContent } from "../machine/ledger.ts";
import { type Run, step, type Work } from "../machine/run.ts";
import { getStatus, send, toIdle, upload } from "./requests.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

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

/** Before a DNLOAD, whose data may be lost. `bounded`: of a command, its loss may stay unnoticed. */
export function noteSent(run: Run, block: number, data: Uint8Array, bounded = false): void {
  if (block === 0) {
    run.link.setBuffer(data.length === ADDRESSED ? "command" : "unknown");
    run.link.setLastCommand(bounded ? undefined : data);
  } else if (contentOf(data) === "unknown") run.link.setBuffer("unknown");
}

/** UPLOAD through the buffer. After a failed one the buffer's content is not known. */
export function* uploadNoted(run: Run, block: number, length: number): Work<Uint8Array> {
  run.link.setBuffer("unknown");
  const data = yield* upload(run, block, length);
  run.link.setBuffer(contentOf(data));
  return data;
}

/** Get Commands: the device's list. Its buffer is left beginning with 0x00, which is no command that acts. */
export function* getCommands(run: Run): Work<Uint8Array> {
  yield* toIdle(run);
  run.link.setState(undefined);
  run.link.loseCursor();
  const commands = yield* uploadNoted(run, 0, 4);
  if (!commands.includes(DfuSeCommand.ReadUnprotect)) run.link.takesUnknown();
  return commands;
}

/** Whether nothing goes wrong if the last command is executed once more in the place of this one. */
const isHarmlessAgain = ({ link: { lastCommand } }: Run, command: Uint8Array): boolean =>
  command[0] === DfuSeCommand.Erase ||
  (lastCommand !== undefined && command.every((byte, at) => byte === lastCommand[at]));

/**
 * Get Commands, and once a run whether the device refuses what is no command. A ROM does; ST's library does not, and does not list Read
 * Unprotect (usbd_dfu.c, DFU_Upload). The list is believed of a device with a ROM's name (AN3156, section 4.1). Another one may
 * have its list from anywhere, so it is asked.
 */
export function* disarm(run: Run): Work<void> {
  yield* getCommands(run);
  const { refusesUnknown, refusalProven } = run.link;
  if (!refusesUnknown || refusalProven) return;
  if (isRomName(run.device.descriptors.product)) run.link.provesRefusal();
  else yield* proveRefusal(run);
}

/** What a lost data stage would execute after Get Commands: five bytes that are no command. */
const NO_COMMAND = Uint8Array.of(0x00, 0x21, 0x41, 0x92, 0x00);
/** What a bad link reports as well is believed only when it is said as often as other refusals (rule 1, docs/protocol.md). */
const OF_LINKS: ReadonlySet<number> = new Set([
  DfuStatus.ErrVendor,
  DfuStatus.ErrTarget,
  DfuStatus.ErrUnknown,
]);

function* proveRefusal(run: Run): Work<void> {
  for (let tries = 1; tries <= run.budgets.refusals; tries += 1) {
    const answer = yield* sendNoCommand(run);
    if (answer.state === DfuState.DnloadIdle || answer.state === DfuState.DnBusy)
      return run.link.takesUnknown();
    if (answer.state !== DfuState.Error)
      throw new Trouble("link.desync", `no command: got ${stateName(answer.state)}`);
    if (!OF_LINKS.has(answer.status) || tries === run.budgets.refusals) run.link.provesRefusal();
    yield* send(run, DfuRequest.ClrStatus, 0);
    run.link.setState("idle");
    if (run.link.refusalProven) return;
  }
}

/** The device's last answer. A newer version of ST's library stays in dfuDNBUSY, which CLRSTATUS ends. */
function* sendNoCommand(run: Run): Work<DeviceStatus> {
  yield* toIdle(run);
  run.link.setState(undefined);
  yield* send(run, DfuRequest.Dnload, 0, NO_COMMAND);
  let answer = yield* getStatus(run);
  for (let polls = 0; answer.state === DfuState.DnBusy && polls < POLLS; polls += 1) {
    yield* step(run, { kind: "wait", ms: Math.max(1, answer.pollTimeoutMs) });
    answer = yield* getStatus(run);
  }
  if (answer.state === DfuState.DnBusy) {
    yield* send(run, DfuRequest.ClrStatus, 0);
    yield* send(run, DfuRequest.ClrStatus, 0);
  }
  return answer;
}

/** GETSTATUS until an unknown command counts as one that hangs. */
const POLLS = 3;

/**
 * Called before `command` is sent. If its data is lost, no other command is executed unnoticed in its place. `bounded`: the old
 * address does no harm here. The device is in dfuIDLE afterwards if this sent something.
 */
export function* disarmBuffer(run: Run, command: Uint8Array, bounded: boolean): Work<void> {
  if (run.link.buffer === "harmless") return;
  if (run.link.buffer === "command" && (bounded || isHarmlessAgain(run, command))) return;
  try {
    yield* disarm(run);
    yield* toIdle(run);
  } catch (error) {
    throw troubleFrom(error, "Get Commands", "no");
  }
}
