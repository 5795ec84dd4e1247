import { DfuError, hex32 } from "../../errors.ts";
import { complementErrors, encodeOptions, type OptionBlocks } from "../../options/codec.ts";
import { type OptionMemory, type OptionZone, schemaOf } from "../../options/locate.ts";
import { differences } from "../../options/values.ts";
import { FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import { corruptOptions, readBlocks } from "../guards/read-options.ts";
import { readBlock } from "../link/blocks.ts";
import { toIdle } from "../link/requests.ts";
import { openUnit, reenumerate } from "../link/resync.ts";
import { persist } from "../link/retry.ts";
import { hasLinkIncident, type Run, type Work } from "../machine/run.ts";
import { operateUntilReset } from "./self-reset.ts";

const START_TIMEOUT_MS = 35_000;
const RESET_MS = 5000;
/** Number of whole read-modify-writes after which the values that the unit keeps are believed. */
const ROUNDS = 5;

/**
 * Writes the changes, block by block, each with its own reset and nothing else between (rule 16, docs/protocol.md), and reads back.
 * With `anew` blocks that read as wanted are written as well. Throws `options.not_kept` when the unit keeps something else, `options.complement` when it shows corrupt ones.
 */
export function* writeChanges(
  run: Run,
  memory: OptionMemory,
  changes: ReadonlyMap<string, number>,
  anew: boolean,
): Work<void> {
  const schema = schemaOf(memory);
  let kept: readonly string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = yield* readBlocks(run, memory);
    const corrupt = complementErrors(schema, before);
    if (corrupt.length > 0) throw corruptOptions(corrupt);
    kept = differences(schema, before, changes);
    const all = anew && round === 0;
    if (kept.length === 0 && !all) return;
    const after = encodeOptions(schema, before, changes);
    for (const [index, zone] of memory.zones.entries()) {
      if (!all && sameBlock(before, after, index)) continue;
      yield* writeZone(run, memory.alternate, zone, after[index]);
      yield* reenumerate(run, "asked");
      yield* openUnit(run);
    }
  }
  const code = hasLinkIncident(run) ? "link.budget" : "options.not_kept";
  throw new DfuError(code, `after ${ROUNDS} writes ${kept.join("; ")}`);
}

function sameBlock(before: OptionBlocks, after: OptionBlocks, index: number): boolean {
  return after[index]?.every((byte, at) => byte === before[index]?.[at]) ?? true;
}

/**
 * The block is read right before it is written, with nothing between: the bootloader's one buffer then holds the present
 * option bytes, and a lost data stage writes these and not something stale (rule 1, docs/protocol.md). The pointer survives the ABORT
 * between the two: dfu-util reads in the same way. With `arrivals`, only to the unit that has been on its port since those re-enumerations.
 */
export function* writeZone(
  run: Run,
  alternate: number,
  { address, length }: OptionZone,
  data: Uint8Array | undefined,
  arrivals?: number,
): Work<boolean> {
  if (data === undefined) throw new DfuError("internal.bug", `no block for ${hex32(address)}`);
  const what = "write option bytes";
  return yield* persist(run, { what, address, alternate }, function* () {
    run.link.loseCursor();
    yield* readBlock(run, alternate, address, length);
    if (arrivals !== undefined) sameStay(run, arrivals);
    yield* toIdle(run);
    return yield* operateUntilReset(run, {
      what: `${what} at ${hex32(address)}`,
      block: FIRST_DATA_BLOCK,
      data,
      startTimeoutMs: START_TIMEOUT_MS,
      deadlineMs: RESET_MS,
    });
  });
}

/** Read protection is put on the unit that was checked (rules 14 and 16, docs/protocol.md): another one would be locked unseen, at level 2 for ever. */
export function sameStay(run: Run, arrivals: number): void {
  if (run.link.arrivals === arrivals) return;
  throw new DfuError(
    "link.lost",
    "the unit left its port between its check and its read protection, and another one may have come; its protection was not set",
  );
}
