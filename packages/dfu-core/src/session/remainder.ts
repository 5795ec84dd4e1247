import { DfuError, hex32 } from "../errors.ts";
import type { FlashPlan } from "../plan/plan.ts";
import { isBlank, remainderOf } from "./compare.ts";
import type { Run, Work } from "./run.ts";
import type { SectorWork } from "./sector-work.ts";

/**
 * Engine rule 12 before the first erase: `refuse` ends with `plan.remainder` when a partly covered sector that is to be
 * erased holds anything else; `preserve` needs a snapshot in durable storage, which this version does not have.
 */
export function* refuseRemainder(
  run: Run,
  plan: FlashPlan,
  works: readonly SectorWork[],
  knownDirty: boolean,
): Work<void> {
  for (const work of works) {
    if (work.state !== "erase" || work.sector.remainder === 0) continue;
    const where = `${work.sector.remainder} bytes of the sector at ${hex32(work.sector.address)}`;
    const refuse = (why: string): never => {
      throw new DfuError("plan.remainder", `${where} are not covered by the image: ${why}`, {
        address: work.sector.address,
      });
    };
    if (plan.remainder === "preserve")
      refuse("preserving is not supported without snapshot storage");
    if (knownDirty) refuse("after an interrupted attempt nobody knows what they were");
    if (!(yield* isBlank(run, plan, remainderOf(work)))) refuse("and they are not blank");
  }
}
