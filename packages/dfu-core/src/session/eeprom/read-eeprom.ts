import { DfuError } from "../../errors.ts";
import type { Run, Work } from "../machine/run.ts";
import { readRange } from "../sectors/read-range.ts";
import { readTwice } from "../sectors/read-twice.ts";
import type { Stretch } from "../sectors/sector-work.ts";
import { freshSession } from "../sectors/verify.ts";
import { type EepromWork, partlyCovered } from "./eeprom-work.ts";

/**
 * Address of the first byte that is not as it is to be, in a fresh session of reads; undefined where all is right. `of` says whether
 * the bytes beside the image count as well. After a drop the answer says nothing.
 */
export function* firstWrong(
  run: Run,
  { spans }: EepromWork,
  of: "image" | "words",
): Work<number | undefined> {
  const { arrivals } = run.link;
  let wrong: number | undefined;
  for (const span of spans) {
    yield* freshSession(run, span);
    yield* readRange(run, span, (address, bytes) => {
      const offset = address - span.address;
      const at = bytes.findIndex(
        (byte, index) =>
          byte !== span.wanted[offset + index] &&
          (of === "words" || span.isImage[offset + index] === 1),
      );
      if (at >= 0) wrong = address + at;
      return wrong === undefined && run.link.arrivals === arrivals;
    });
    if (wrong !== undefined || run.link.arrivals !== arrivals) break;
  }
  return wrong;
}

/** {@link firstWrong} of the image, of a unit that stays on its port meanwhile. */
export function* differsFromImage(run: Run, work: EepromWork): Work<number | undefined> {
  for (;;) {
    const { arrivals } = run.link;
    const wrong = yield* firstWrong(run, work, "image");
    if (run.link.arrivals === arrivals) return wrong;
  }
}

/** Reads what lies beside the image in the words that it covers in part. Not known afterwards where the unit left its port. */
export function* readBeside(run: Run, work: EepromWork): Work<void> {
  const { arrivals } = run.link;
  for (const span of work.spans) {
    for (const part of partlyCovered(span, work.rules.word)) {
      const data = yield* readPart(run, work, part);
      if (run.link.arrivals !== arrivals) return;
      data.forEach((byte, index) => {
        const at = part.address - span.address + index;
        if (span.isImage[at] === 0) span.wanted[at] = byte;
      });
    }
  }
  work.besideKnown = true;
}

/** A word that an earlier attempt left half written reads differently each time: what it held is lost, and any read is as good. */
function* readPart(run: Run, work: EepromWork, part: Stretch): Work<Uint8Array> {
  try {
    return yield* readTwice(run, part);
  } catch (error) {
    if (work.trusted || !(error instanceof DfuError) || error.code !== "link.desync") throw error;
  }
  const data = new Uint8Array(part.length);
  yield* readRange(run, part, (at, bytes) => {
    data.set(bytes, at - part.address);
    return true;
  });
  return data;
}
