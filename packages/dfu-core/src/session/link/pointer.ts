import { DfuError, hex32 } from "../../errors.ts";
import { layoutOf } from "../../identity/identify.ts";
import { sectorsOf } from "../../layout/memory.ts";
import { FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import type { Run, Work } from "../machine/run.ts";
import { toIdle } from "./requests.ts";
import { uploadNoted } from "./shared-buffer.ts";
import { Trouble, troubleFrom } from "./trouble.ts";

/*
 * A bootloader on ST's USB Device Library says OK to what is no command (usbd_dfu.c): a SET_ADDRESS whose data was lost looks like one
 * that was done, and what follows is read or written at the old address. Only an UPLOAD tells where the pointer is: what is read before
 * and after a SET_ADDRESS can differ only if the pointer moved, and it moves nowhere but to the address that was sent.
 */

/** Moves the pointer and leaves dfuIDLE; given by the room that builds commands. */
export type Move = (address: number) => Work<void>;

/** Times that every landmark is tried. */
const ROUNDS = 3;

/**
 * SET_ADDRESS and one UPLOAD of `length` bytes there. Throws Trouble where the pointer did not move, `flash.unverified` where the memory
 * holds the same wherever it is looked at, so that nothing can be proven. Leaves the device in dfuUPLOAD-IDLE.
 */
export function* readProven(
  run: Run,
  alternate: number,
  address: number,
  length: number,
  move: Move,
): Work<Uint8Array> {
  const before = run.link.pointed ?? (yield* readHere(run, run.device.family.granule));
  const data = yield* readAt(run, address, length, move);
  if (differ(before, data)) return data;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const landmark of landmarks(run, alternate, length)) {
      const there = yield* readAt(run, landmark.address, landmark.length, move);
      if (!differ(data, there)) continue;
      run.link.setLandmark(landmark.address);
      const again = yield* readAt(run, address, length, move);
      if (differ(there, again)) return again;
      throw new Trouble(
        "link.data_lost",
        `SET_ADDRESS at ${hex32(address)}: the unit reads ${hex32(landmark.address)} still`,
        { address },
      );
    }
  }
  throw new DfuError(
    "flash.unverified",
    `the unit reads the same at ${hex32(address)} and everywhere else, and takes what is no command: nothing proves its address`,
    { address },
  );
}

/** Enough that a bootloader's vector table is told from another memory. */
const ELSEWHERE_BYTES = 32;
/** More than one operation that was cut off leaves between 0 and 1 in a blank place: all of them may read as blank. */
const SURE_BYTES = 8;

/**
 * Moves the pointer out of a sector to a place that holds something, and reads it there twice, so that it is no cell that reads otherwise from
 * time to time. Throws Trouble where the pointer did not move, `flash.unverified` where all other memory is blank or cannot be told apart.
 */
export function* goElsewhere(
  run: Run,
  sector: { readonly alternate: number; readonly address: number; readonly size: number },
  move: Move,
): Work<Uint8Array> {
  const end = sector.address + sector.size;
  for (const [most, atLeast] of [
    [ELSEWHERE_BYTES, SURE_BYTES],
    [run.device.transferSize, 1],
  ] as const) {
    for (const { address, length } of landmarks(
      run,
      sector.alternate,
      Math.min(most, sector.size),
    )) {
      if (address >= sector.address && address < end) continue;
      const first = yield* readProven(run, sector.alternate, address, length, move);
      const held = first.filter((byte) => byte !== run.device.family.erasedValue).length;
      if (held < atLeast) continue;
      const again = yield* readHere(run, length);
      if (differ(first, again)) continue;
      run.link.setLandmark(address);
      return again;
    }
  }
  throw new DfuError(
    "flash.unverified",
    `the unit reads blank wherever the sector at ${hex32(sector.address)} is not, and takes what is no command: nothing proves its erase`,
    { address: sector.address },
  );
}

function* readAt(run: Run, address: number, length: number, move: Move): Work<Uint8Array> {
  yield* move(address);
  return yield* readHere(run, length);
}

/** Block 2, wherever the pointer is. */
export function* readHere(run: Run, length: number): Work<Uint8Array> {
  let data: Uint8Array;
  try {
    yield* toIdle(run);
    run.link.setState(undefined);
    data = yield* uploadNoted(run, FIRST_DATA_BLOCK, length);
  } catch (error) {
    throw troubleFrom(error, "UPLOAD", "no");
  }
  if (data.length !== length) {
    throw new Trouble("link.desync", `UPLOAD gave ${data.length} bytes, expected ${length}`);
  }
  run.link.setState("upload");
  run.link.setPointed(data);
  return data;
}

export const differ = (one: Uint8Array, other: Uint8Array): boolean =>
  one.some((byte, index) => index < other.length && byte !== other[index]);

/** Where the content is likely to be another: the bootloader's own code comes first in the flash. */
function* landmarks(run: Run, alternate: number, length: number) {
  const name = run.device.descriptors.alternates.find((one) => one.alternate === alternate)?.name;
  const layout = name === undefined ? undefined : layoutOf(name);
  const sectors = layout === undefined ? [] : sectorsOf(layout);
  const { landmark } = run.link;
  const last = sectors.filter(({ address }) => address === landmark);
  for (const sector of [...last, ...sectors.slice(0, 8), ...sectors.slice(-2)]) {
    if (sector.readable) {
      yield { address: sector.address, length: Math.min(length, sector.size) };
    }
  }
}
