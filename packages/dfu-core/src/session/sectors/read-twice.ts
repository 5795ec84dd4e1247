import { DfuError } from "../../errors.ts";
import type { Run, Work } from "../machine/run.ts";
import { equalBytes } from "./bytes.ts";
import { readRange } from "./read-range.ts";
import type { Stretch } from "./sector-work.ts";
import { freshSession } from "./verify.ts";

const MOST_READS = 5;

/**
 * Reads what cannot be checked against anything. After a lost SET_ADDRESS a read comes from elsewhere, so two reads must agree. Both
 * belong to one stay of the unit on its port. Throws `link.desync` where no two agree.
 */
export function* readTwice(run: Run, stretch: Stretch): Work<Uint8Array> {
  const { address, length } = stretch;
  let last: Uint8Array | undefined;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const { arrivals } = run.link;
    const data = new Uint8Array(length);
    yield* freshSession(run, stretch);
    yield* readRange(run, stretch, (at, bytes) => {
      data.set(bytes, at - address);
      return run.link.arrivals === arrivals;
    });
    if (run.link.arrivals !== arrivals) last = undefined;
    else if (last !== undefined && equalBytes(last, data)) return data;
    else last = data;
  }
  throw new DfuError("link.desync", `${MOST_READS} reads of one stretch, and no two agree`, {
    address,
  });
}
