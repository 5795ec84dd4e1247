import type { Image } from "../../image/image.ts";
import type { Content } from "../../plan/content.ts";
import type { SealedPlan } from "../../plan/plan.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { EepromWork } from "../eeprom/eeprom-work.ts";
import type { Progress } from "../machine/progress.ts";
import type { Run, Work } from "../machine/run.ts";
import type { SectorWork } from "../sectors/sector-work.ts";

/** What a release wants of a unit beside its content. */
export interface Guarded {
  readonly run: Run;
  /** Makes sure of a unit's option bytes and bank mode, as far as the release names them. */
  readonly guards: () => Work<void>;
  /** Re-enumerations after which the unit passed the {@link guards}, or was found to be one that did. */
  guardedArrivals: number;
}

/** One attempt at flashing one unit. */
export interface Attempt extends Guarded {
  readonly plan: SealedPlan;
  readonly image: Image;
  readonly works: readonly SectorWork[];
  /** Undefined where the image has no bytes for data EEPROM. */
  readonly eeprom: EepromWork | undefined;
  readonly of: Progress;
  /** The image, over the preserved remainder once it is known. */
  content: Content;
  /** Re-enumerations after which the unit was found to be the same. */
  confirmedArrivals: number;
  /** Each time since the bytes beside the image in data EEPROM were read, memory that is not blank showed that it is the same unit. */
  proven: boolean;
  /** The seal was written, so the image may start. */
  sealed: boolean;
  /** The seal was read back as erased, and nothing was done to it since. */
  sealErased: boolean;
  /** The snapshot that an interrupted attempt left in storage and that this one puts back. */
  adopted: Snapshot | undefined;
}
