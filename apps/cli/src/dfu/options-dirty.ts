import { optionZonesOf } from "@flashline/dfu-core";
import type { Attempt } from "./attempt.ts";
import { type DirtyNote, overlaps } from "./dirty-note.ts";

/** What a command that only reads them says. */
const MAY_NOT_LAST =
  "An earlier writing of this unit's option bytes was not finished: what they read as may not last. Set one of them again.";

/**
 * Whether option bytes were being written when an attempt ended: they are flash cells as well, and may read as right for a while.
 * Says so, in `sentence`.
 */
export function tellOptionsDirty(
  { say, transport, unit }: Attempt,
  { ranges }: DirtyNote,
  sentence = MAY_NOT_LAST,
): boolean {
  const dirty = overlaps(ranges, optionZonesOf(transport.descriptors));
  if (dirty) say(sentence, { event: "dirty", path: unit.portPath, by: "note", of: "options" });
  return dirty;
}
