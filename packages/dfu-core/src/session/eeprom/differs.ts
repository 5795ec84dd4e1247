import type { Image } from "../../image/image.ts";
import { contentOf } from "../../plan/content.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { progressOf } from "../machine/progress.ts";
import type { Run, Work } from "../machine/run.ts";
import { type SectorWork, stretches } from "../sectors/sector-work.ts";
import { verify } from "../sectors/verify.ts";
import { eepromWork } from "./eeprom-work.ts";
import { firstWrong } from "./read-eeprom.ts";

export interface Difference {
  readonly address: number;
  /** No byte was seen to differ: reading there makes the unit leave. */
  readonly unreadable: boolean;
}

/** Where a unit differs from an image, in flash and data EEPROM, all of it read in one stay on its port; undefined where it does not. */
export function* firstDifference(
  run: Run,
  plan: FlashPlan,
  image: Image,
  works: readonly SectorWork[],
): Work<Difference | undefined> {
  const content = contentOf(image, plan);
  const eeprom = eepromWork(plan, image, run.device.family.eeprom, false);
  for (;;) {
    const { arrivals } = run.link;
    const [wrong] = yield* verify(run, works, content, progressOf(run, plan), stretches);
    if (wrong !== undefined) {
      const { wrongAt, sector } = wrong;
      return { address: wrongAt ?? sector.address, unreadable: wrongAt === undefined };
    }
    if (eeprom === undefined) return undefined;
    const address = yield* firstWrong(run, eeprom, "image");
    if (run.link.arrivals !== arrivals) continue;
    return address === undefined ? undefined : { address, unreadable: false };
  }
}
