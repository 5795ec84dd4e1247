import { hex32 } from "../../errors.ts";
import { writeTimes } from "../../pacing/budgets.ts";
import { blockSize } from "../../plan/plan-flash.ts";
import { FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import type { Run, Work } from "../machine/run.ts";
import { setAddress } from "./commands.ts";
import { operate } from "./operate.ts";
import { readProven } from "./pointer.ts";
import { selectAlternate, toIdle } from "./requests.ts";
import { uploadNoted } from "./shared-buffer.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

/** wValue is 16 bits; a number that wrapped to 0 or 1 would be a command. */
const LAST_BLOCK = 0xffff;

/** Bytes of a full block in the present profile. */
export const fullBlock = (run: Run): number =>
  blockSize(run.link.profile, run.device.transferSize, run.device.family.granule);

/** Bytes of the block to write at `at`: as {@link blockLength}, and smaller where large ones make the unit hang. */
export const writeLength = (run: Run, at: number, end: number): number =>
  Math.min(blockLength(run, at, end), run.link.largestBlock ?? Number.POSITIVE_INFINITY);

/** Where the block that starts at `at` ends: full blocks, the last of a stretch shorter. */
export const blockLength = (run: Run, at: number, end: number): number =>
  Math.min(fullBlock(run), end - at);

interface NumberedBlock {
  readonly block: number;
  /** Where block numbers count from. */
  readonly base: number;
}

/**
 * The number of the block at `address`, or undefined when it must be addressed explicitly (rule 2, docs/protocol.md). Reads may leave
 * blocks out, for the device computes each address anew; writes never do.
 */
function numberedBlock(
  run: Run,
  direction: "upload" | "download",
  alternate: number,
  address: number,
  length: number,
): NumberedBlock | undefined {
  const { cursor } = run.link;
  if (
    cursor === undefined ||
    run.link.profile.addressing !== "increment" ||
    length !== run.device.transferSize ||
    run.link.state !== direction ||
    cursor.direction !== direction ||
    cursor.alternate !== alternate ||
    (direction === "download" ? cursor.next !== address : cursor.next > address)
  ) {
    return undefined;
  }
  const block = FIRST_DATA_BLOCK + (address - cursor.base) / run.device.transferSize;
  const { base } = cursor;
  return Number.isInteger(block) && block <= LAST_BLOCK ? { block, base } : undefined;
}

/** Where block numbers count from after this block; only a full block can be followed by number. */
function advance(
  run: Run,
  direction: "upload" | "download",
  alternate: number,
  address: number,
  length: number,
  base: number,
): void {
  const full = length === run.device.transferSize;
  run.link.setCursor(full ? { direction, alternate, base, next: address + length } : undefined);
}

/**
 * Where one lost SET_ADDRESS goes unnoticed, a chain is continued only by blocks whose sectors reach back to its beginning: if the unit is cut off
 * in a block that went astray, that block's own sectors are erased again, and no others.
 */
const continues = (
  { link: { chain, refusesUnknown } }: Run,
  alternate: number,
  address: number,
  sector: number,
): boolean =>
  chain !== undefined &&
  chain.alternate === alternate &&
  chain.next <= address &&
  (refusesUnknown || chain.from >= sector);

/**
 * Programs one block once, whose first byte is in the sector at `sector`. `data` is whole granules. Throws Trouble. If its SET_ADDRESS was lost
 * unnoticed, the block falls between the first block of the same chain and its own end. That is read back; memory that is not read back is never hit.
 */
export function* writeBlock(
  run: Run,
  alternate: number,
  address: number,
  data: Uint8Array,
  sector: number,
): Work<void> {
  const numbered = numberedBlock(run, "download", alternate, address, data.length);
  const { block, base } = numbered ?? { block: FIRST_DATA_BLOCK, base: address };
  const last = run.link.chain;
  const chain = continues(run, alternate, address, sector) ? last : undefined;
  const from = (numbered === undefined ? chain : last)?.from ?? base;
  if (numbered === undefined) {
    try {
      if (run.link.refusesUnknown || chain !== undefined) {
        yield* setAddress(run, alternate, address, chain !== undefined);
      }
      if (!run.link.refusesUnknown && chain === undefined) {
        yield* readMoved(run, alternate, address, data.length);
        yield* toIdle(run);
      }
    } catch (error) {
      throw beforeData(error);
    }
  }
  run.link.loseCursor();
  run.tally.wrote = true;
  yield* operate(run, {
    what: "write",
    block,
    data,
    address,
    times: writeTimes(run.device.family, data.length),
  });
  run.link.setChain({ alternate, from, next: address + data.length });
  advance(run, "download", alternate, address, data.length, base);
}

/** The data was not sent yet, so nothing was executed, even if the SET_ADDRESS failed. */
function beforeData(error: unknown): Trouble {
  const trouble = error instanceof Trouble ? error : troubleFrom(error, "SET_ADDRESS", "no");
  return new Trouble(trouble.code, trouble.message, {
    cause: trouble,
    executed: "no",
    gone: trouble.gone,
    patienceMs: trouble.patienceMs,
    silenceMs: trouble.silenceMs,
    ...(trouble.status === undefined ? {} : { status: trouble.status }),
  });
}

/** Moves the pointer and reads there, with proof that it moved. */
function* readMoved(
  run: Run,
  alternate: number,
  address: number,
  length: number,
): Work<Uint8Array> {
  yield* selectAlternate(run, alternate);
  return yield* readProven(run, alternate, address, length, (to) => setAddress(run, alternate, to));
}

function* readAddressed(
  run: Run,
  alternate: number,
  address: number,
  length: number,
): Work<Uint8Array> {
  const data = yield* readMoved(run, alternate, address, length);
  run.link.wasRead(alternate);
  advance(run, "upload", alternate, address, length, address);
  return data;
}

/** Reads one block. Throws Trouble. */
export function* readBlock(
  run: Run,
  alternate: number,
  address: number,
  length: number,
): Work<Uint8Array> {
  const numbered = numberedBlock(run, "upload", alternate, address, length);
  const { block, base } = numbered ?? { block: FIRST_DATA_BLOCK, base: address };
  if (numbered === undefined) {
    if (!run.link.refusesUnknown) return yield* readAddressed(run, alternate, address, length);
    yield* setAddress(run, alternate, address);
    yield* toIdle(run);
    // Get Commands came before the first SET_ADDRESS, and may have told what the device is.
    if (!run.link.refusesUnknown) return yield* readAddressed(run, alternate, address, length);
  }
  run.link.loseCursor();
  run.link.setState(undefined);
  let data: Uint8Array;
  try {
    data = yield* uploadNoted(run, block, length);
  } catch (error) {
    throw troubleFrom(error, `UPLOAD at ${hex32(address)}`, "unknown");
  }
  if (data.length !== length) {
    throw new Trouble(
      "link.desync",
      `UPLOAD at ${hex32(address)} gave ${data.length} bytes, expected ${length}`,
      { address },
    );
  }
  run.link.setState("upload");
  run.link.wasRead(alternate);
  advance(run, "upload", alternate, address, length, base);
  return data;
}
