import { DfuError } from "../errors.ts";
import type { Content } from "../plan/content.ts";
import type { FlashPlan } from "../plan/plan.ts";
import { equalBytes } from "./compare.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import type { Run, Work } from "./run.ts";
import { type SectorWork, stretchesWithoutSeal } from "./sector-work.ts";
import { rewriteSpoiled } from "./write.ts";

/**
 * The unit left its port and came back in the middle of writing. Every sector that was written is read again; one that is
 * wrong is rewritten. Where nothing of what was written is there, this is another unit (engine rule 14).
 */
export function* confirmSameUnit(
  run: Run,
  plan: FlashPlan,
  works: readonly SectorWork[],
  content: Content,
): Work<void> {
  const written = works.filter((work) => work.state === "written");
  const wrong: SectorWork[] = [];
  for (const work of written) {
    if (!(yield* holdsItsContent(run, plan, work, content))) wrong.push(work);
  }
  if (written.length > 0 && wrong.length === written.length) {
    throw new DfuError(
      "device.other",
      `none of the ${written.length} sectors that were written holds its content after the unit came back`,
    );
  }
  for (const work of wrong) rewriteSpoiled(run, work);
}

function* holdsItsContent(
  run: Run,
  plan: FlashPlan,
  work: SectorWork,
  content: Content,
): Work<boolean> {
  let same = true;
  try {
    for (const stretch of stretchesWithoutSeal(plan, work)) {
      yield* readRange(run, stretch, (address, data) => {
        same &&= equalBytes(data, content.read(address, data.length));
        return same;
      });
    }
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return false;
  }
  return same;
}
