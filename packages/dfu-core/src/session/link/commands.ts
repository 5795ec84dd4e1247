import { hex32 } from "../../errors.ts";
import { eraseTimes, pointerTimes } from "../../pacing/budgets.ts";
import { UNKNOWN_FAMILY } from "../../parts/families.ts";
import { DfuSeCommand } from "../../protocol/constants.ts";
import type { Run, Work } from "../machine/run.ts";
import { operate } from "./operate.ts";
import { differ, goElsewhere, readHere } from "./pointer.ts";
import { selectAlternate, toIdle } from "./requests.ts";
import { disarm } from "./shared-buffer.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

function command(code: DfuSeCommand, address: number): Uint8Array {
  const bytes = new Uint8Array(5);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, code);
  view.setUint32(1, address, true);
  return bytes;
}

export function* setAddress(
  run: Run,
  alternate: number,
  address: number,
  bounded = false,
): Work<void> {
  yield* selectAlternate(run, alternate);
  if (run.link.state !== "download") yield* toIdle(run);
  run.link.loseChain();
  yield* operate(run, {
    what: "SET_ADDRESS",
    block: 0,
    data: command(DfuSeCommand.SetAddress, address),
    address,
    times: pointerTimes,
    bounded,
  });
}

interface Sector {
  readonly alternate: number;
  readonly address: number;
  readonly size: number;
}

export function* eraseSector(run: Run, sector: Sector): Work<void> {
  yield* selectAlternate(run, sector.alternate);
  if (run.link.state !== "download") yield* toIdle(run);
  run.link.loseChain();
  run.tally.touched = true;
  yield* operate(run, {
    what: "erase",
    block: 0,
    data: command(DfuSeCommand.Erase, sector.address),
    address: sector.address,
    times: eraseTimes(run.device.family, sector),
  });
}

/** Erases whose effect looks like neither outcome before the last one is taken for done: a protected sector stays as it is, say. */
const UNCLEAR_ERASES = 3;
/** Times that the unit left while its pointer was moved for an erase. */
const LEAVES = 2;

/**
 * Erases, and throws Trouble where the data of the command may have been lost. Cells of an erase or a write that was cut off read otherwise from time to time,
 * so that reading does not tell whether they were erased. A device that refuses what is no command says so itself, once nothing in its buffer is
 * one. One that says OK to anything shows it by its pointer, which an erase moves to the sector (ST's usbd_dfu.c). Where there is ECC, what was cut
 * off makes the unit leave when it is read: a lost erase shows by that, and nothing may be read before it.
 */
export function* eraseSurely(run: Run, sector: Sector): Work<void> {
  const { alternate, address } = sector;
  try {
    yield* selectAlternate(run, alternate);
    if (run.link.buffer !== "harmless") yield* disarm(run);
  } catch (error) {
    throw troubleFrom(error, `erase at ${hex32(address)}: Get Commands`, "no");
  }
  if (run.link.refusesUnknown || isEcc(run)) return yield* eraseSector(run, sector);
  if (hasLeftOften(run, sector)) return yield* eraseSector(run, sector);
  for (let erases = 1; ; erases += 1) {
    const elsewhere = yield* leaveSector(run, sector);
    yield* eraseSector(run, sector);
    const now = yield* readHere(run, elsewhere.length);
    if (!differ(elsewhere, now)) break;
    const isBlank = now.every((byte) => byte === run.device.family.erasedValue);
    if (isBlank || erases >= UNCLEAR_ERASES) return;
  }
  throw new Trouble("link.data_lost", `erase at ${hex32(address)}: the unit's pointer stays`, {
    address,
  });
}

function* leaveSector(run: Run, sector: Sector): Work<Uint8Array> {
  try {
    return yield* goElsewhere(run, sector, (to) => setAddress(run, sector.alternate, to));
  } catch (error) {
    if (error instanceof Trouble && error.gone) run.link.countDrop(sector.address);
    throw error;
  }
}

/** Not where the family is unknown: its rules are the strictest, and its flash may have none. */
const isEcc = ({ device: { family } }: Run): boolean => family.ecc && family !== UNKNOWN_FAMILY;

/** As often as proves flash that cannot be read (rule 7, docs/protocol.md): an unknown family has ECC then, and reading comes after the erase. */
function hasLeftOften({ link, device: { family } }: Run, { address }: Sector): boolean {
  if (!family.ecc || (link.dropsByAddress.get(address) ?? 0) < LEAVES) return false;
  link.forgetDrops(address);
  return true;
}
