import type { Image } from "../../image/image.ts";
import type { ProfileName } from "../../pacing/profiles.ts";

/** A device that speaks DFU 1.1 without ST's extension: a product's own bootloader, usually. */
export interface PlainFlashOptions {
  /** One piece; plain DFU knows no addresses, so the image's own is not used. */
  readonly image: Image;
  /** 0 when not given. */
  readonly alternate?: number;
  /** `standard` when not given. Its block size is not used: such devices often compute with their own. */
  readonly profile?: ProfileName;
  /** A previous attempt at this device was cut off: it is written even if it reads as wanted (rule 7, docs/protocol.md). */
  readonly knownDirty?: boolean;
}
