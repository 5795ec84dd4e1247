import { DfuError, hex32 } from "../errors.ts";
import { isBlank, remainderOf } from "./compare.ts";
import type { Run, Work } from "./run.ts";
import type { SectorWork } from "./sector-work.ts";

/**
 * Engine rule 12 before the first erase: `refuse` ends with `plan.remainder` when a partly covered sector that is to be
 * erased holds anything else. One that is kept and holds something is locked.
 */
export function* refuseRemainder(
  run: Run,
  works: readonly SectorWork[],
  knownDirty: boolean,
): Work<void> {
  for (const work of works) {
    if (work.state === "write" || work.sector.remainder === 0) continue;
    const where = `${work.sector.remainder} bytes of the sector at ${hex32(work.sector.address)}`;
    const refuse = (why: string): never => {
      throw new DfuError("plan.remainder", `${where} are not covered by the image, and ${why}`, {
        address: work.sector.address,
      });
    };
    if (knownDirty) refuse("after an interrupted attempt nobody knows what they were");
    if (yield* isBlank(run, remainderOf(work))) continue;
    if (work.state === "erase") refuse("they are not blank");
    work.locked = true;
  }
}
