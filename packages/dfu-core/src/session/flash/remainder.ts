import { DfuError, hex32 } from "../../errors.ts";
import type { Image } from "../../image/image.ts";
import { partsWithin } from "../../plan/content.ts";
import type { Run, Work } from "../machine/run.ts";
import { gapsIn, isBlank } from "../sectors/compare.ts";
import type { SectorWork } from "../sectors/sector-work.ts";

/**
 * The rule `refuse`, before the first erase (rule 12, docs/protocol.md). It throws `plan.remainder` when a partly covered sector
 * that must be erased holds other data beside the image. A sector that is kept and holds other data is locked. The padding of the
 * image's last granule does not belong to the image: data there counts as other data.
 */
export function* refuseRemainder(
  run: Run,
  works: readonly SectorWork[],
  image: Image,
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
    const own = image.segments.map(({ address, data }) => ({ address, length: data.length }));
    if (yield* isBlank(run, gapsIn(work.sector, partsWithin(own, work.sector)))) continue;
    if (work.state === "erase") refuse("they are not blank");
    work.locked = true;
  }
}
