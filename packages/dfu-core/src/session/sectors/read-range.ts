import { DfuError, hex32 } from "../../errors.ts";
import { blockLength, readBlock } from "../link/blocks.ts";
import { cure, noRefusals, succeeded } from "../link/retry.ts";
import { incident, type Run, type Work } from "../machine/run.ts";
import { equalBytes } from "./bytes.ts";
import type { Stretch } from "./sector-work.ts";

/** Drops at one read address before the flash itself is blamed (rule 7, docs/protocol.md). */
const DROPS = 2;

/**
 * Reads a stretch block by block until `take` says false. Any failure is cured and the block read again; where the unit
 * leaves the bus again and again at one address, `flash.dirty` is thrown.
 */
export function* readRange(
  run: Run,
  stretch: Stretch,
  take: (address: number, data: Uint8Array) => boolean,
): Work<void> {
  const { alternate } = stretch;
  const end = stretch.address + stretch.length;
  for (let at = stretch.address; at < end; ) {
    const place = { what: "read", address: at, alternate };
    const refusals = noRefusals();
    let data: Uint8Array | undefined;
    while (data === undefined) {
      const arrivals = run.link.arrivals;
      try {
        data = yield* readBlock(run, alternate, at, blockLength(run, at, end));
        yield* succeeded(run, refusals, place);
      } catch (error) {
        yield* cure(run, error, refusals, place);
        if (run.link.arrivals > arrivals) yield* countDrop(run, at);
      }
    }
    if (!take(at, data)) return;
    at += data.length;
  }
}

function* countDrop(run: Run, address: number): Work<void> {
  const drops = run.link.countDrop(address);
  if (drops < DROPS) return;
  run.link.forgetDrops(address);
  const detail = `reading ${hex32(address)} made the unit leave the bus ${drops} times`;
  yield* incident(run, "flash.dirty", detail, address);
  throw new DfuError("flash.dirty", detail, { address });
}

/** Whether the unit holds `expected` there; false also where reading makes it leave. */
export function* holds(
  run: Run,
  { alternate, address }: { readonly alternate: number; readonly address: number },
  expected: Uint8Array,
): Work<boolean> {
  let same = true;
  try {
    yield* readRange(run, { alternate, address, length: expected.length }, (at, bytes) => {
      const from = at - address;
      same &&= equalBytes(bytes, expected.subarray(from, from + bytes.length));
      return same;
    });
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return false;
  }
  return same;
}

export const isDirtyFlash = (error: unknown): boolean =>
  error instanceof DfuError && error.code === "flash.dirty";
