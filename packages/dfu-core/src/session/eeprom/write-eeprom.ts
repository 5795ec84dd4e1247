import { DfuError, hex32 } from "../../errors.ts";
import { eepromTimes } from "../../pacing/budgets.ts";
import { FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import { readBlock, writeLength } from "../link/blocks.ts";
import { operate } from "../link/operate.ts";
import { toIdle } from "../link/requests.ts";
import { cure, noRefusals, persist, succeeded } from "../link/retry.ts";
import { type Progress, progress } from "../machine/progress.ts";
import { enterPhase, incident, type Run, type Work } from "../machine/run.ts";
import { equalBytes } from "../sectors/bytes.ts";
import { losesData, lossExplains } from "../sectors/lost-data.ts";
import { learnFromReset } from "../sectors/write.ts";
import { differing, type EepromSpan, type EepromWork } from "./eeprom-work.ts";
import { firstWrong, readBeside } from "./read-eeprom.ts";

/** Times that words which read back wrong are written again. */
const ROUNDS = 8;

/** `right`: all of it was read back in one stay on the port. `dropped`: the unit left its port meanwhile. */
export interface EepromDone {
  readonly kind: "right" | "dropped";
  /** Something was sent to be written. */
  readonly wrote: boolean;
}

/**
 * Writes the words that are not as they are to be, and reads everything back (rule 20, docs/protocol.md). After a drop the caller
 * makes sure that the unit is the same, and calls this again. Throws `flash.silent_drop` or `flash.verify_mismatch` for a word that
 * stays wrong, `link.budget` if the link had failures too.
 */
export function* writeEeprom(run: Run, work: EepromWork, of: Progress): Work<EepromDone> {
  const { arrivals } = run.link;
  const dropped = () => run.link.arrivals !== arrivals;
  const wrong: number[] = [];
  let wrote = false;
  const leave = (): EepromDone => {
    // The word under way may be half written.
    if (work.begun) work.trusted = false;
    else work.besideKnown = false;
    return { kind: "dropped", wrote };
  };
  if (!work.besideKnown) yield* readBeside(run, work);
  for (;;) {
    if (dropped()) return leave();
    enterPhase(run, "write");
    for (const span of work.spans) {
      const end = span.address + span.length;
      for (let at = span.address; at < end && !dropped(); ) {
        const block = yield* bringBlock(run, work, span, at, end);
        wrote ||= block.wrote;
        at += block.length;
        if (!dropped()) {
          yield* progress(run, of, bytesBefore(work, span, at), bytesOf(work), "eeprom");
        }
      }
    }
    if (dropped()) return leave();
    work.trusted = true;
    enterPhase(run, "verify");
    const at = yield* firstWrong(run, work, "words");
    if (dropped()) return leave();
    if (at === undefined) break;
    wrong.push(at);
    if (wrong.length >= ROUNDS) {
      const alike = wrong.length - 1 - wrong.findLastIndex((address) => address !== at);
      throw yield* notTaken(run, work, at, alike);
    }
  }
  // Only now that it was cured is it known to be the link's fault.
  const [first] = wrong;
  if (first !== undefined && !losesData(run)) {
    const why = `${hex32(first)} read back wrong; it was written again`;
    yield* incident(run, "link.data_lost", why, first);
  }
  return { kind: "right", wrote };
}

const bytesOf = ({ spans }: EepromWork): number =>
  spans.reduce((sum, { length }) => sum + length, 0);

const bytesBefore = ({ spans }: EepromWork, span: EepromSpan, at: number): number =>
  spans.slice(0, spans.indexOf(span)).reduce((sum, { length }) => sum + length, 0) +
  at -
  span.address;

/** Reads one block of a span and writes what is not as it is to be; all of it where reading proves nothing. */
function* bringBlock(
  run: Run,
  work: EepromWork,
  span: EepromSpan,
  address: number,
  end: number,
): Work<{ readonly length: number; readonly wrote: boolean }> {
  const { alternate } = span;
  const { arrivals } = run.link;
  const place = { what: "read", address, alternate };
  const present = yield* persist(run, place, () =>
    readBlock(run, alternate, address, writeLength(run, address, end)),
  );
  const { length } = present;
  if (run.link.arrivals !== arrivals) return { length: 0, wrote: false };
  present.forEach((byte, index) => {
    span.before[address - span.address + index] ??= byte;
  });
  const runs = work.trusted
    ? differing(span, address, present, work.rules.word)
    : [{ alternate, address, length }];
  for (const { address: from, length: bytes } of runs) {
    const to = from + bytes;
    for (let at = from; at < to; ) {
      if (!work.trusted) yield* settle(run, work, span, at, to);
      if (run.link.arrivals === arrivals) {
        at += yield* writeWords(run, work, { span, address: at, end: to, content: span.wanted });
      }
      if (run.link.arrivals !== arrivals) return { length: 0, wrote: true };
    }
  }
  return { length, wrote: runs.length > 0 };
}

/**
 * Makes words that may be half written hold something for certain, so that the memory erases them when they are written. A cell between 0 and
 * 1 may read as blank, and a word that reads as blank is written without an erase unless told otherwise (RM0377, FLASH_PECR, FIX; RM0038, FTDW): the cell would stay where it is.
 * What lies beside the image stays in its word meanwhile.
 */
function* settle(
  run: Run,
  work: EepromWork,
  span: EepromSpan,
  address: number,
  end: number,
): Work<void> {
  const { arrivals } = run.link;
  const { alternate } = span;
  const content = span.wanted.map((byte, index) => (span.isImage[index] === 1 ? 0xff : byte));
  for (let tries = 0; tries < ROUNDS; tries += 1) {
    const length = yield* writeWords(run, work, { span, address, end, content });
    if (run.link.arrivals !== arrivals) return;
    const got = yield* persist(run, { what: "read", address, alternate }, () =>
      readBlock(run, alternate, address, length),
    );
    const from = address - span.address;
    if (run.link.arrivals !== arrivals || equalBytes(got, content.subarray(from, from + length)))
      return;
  }
}

/** What is written to a span, from `address` on and not beyond `end`. */
interface Words {
  readonly span: EepromSpan;
  readonly address: number;
  readonly end: number;
  /** Of the whole span. */
  readonly content: Uint8Array;
}

/**
 * Writes one block of whole words and gives its length, 0 after a drop. They are read right before: if the data is lost then, the present
 * content is written, for the bootloader has one buffer for both directions (rule 1, docs/protocol.md).
 */
function* writeWords(
  run: Run,
  work: EepromWork,
  { span, address, end, content }: Words,
): Work<number> {
  const { alternate } = span;
  const place = { what: "write EEPROM", address, alternate };
  const refusals = noRefusals();
  /** What was under way when only a bus reset helped. */
  let hung: Uint8Array | undefined;
  for (;;) {
    const { arrivals } = run.link;
    let sent: Uint8Array | undefined;
    try {
      // The read gets a SET_ADDRESS of its own, and the block is written where that points. An ABORT does not move it.
      run.link.loseCursor();
      const length = Math.max(writeLength(run, address, end), hung?.length ?? 0);
      const present = yield* readBlock(run, alternate, address, length);
      if (hung !== undefined) {
        const done = equalBytes(present.subarray(0, hung.length), hung);
        yield* learnFromReset(run, done ? "written" : "erased", hung.length);
        hung = undefined;
        continue;
      }
      run.link.loseCursor();
      yield* toIdle(run);
      sent = content.slice(address - span.address, address - span.address + length);
      work.begun = true;
      run.tally.touched = true;
      run.tally.wrote = true;
      yield* operate(run, {
        what: place.what,
        block: FIRST_DATA_BLOCK,
        data: sent,
        address,
        times: eepromTimes(work.rules, length),
      });
      yield* succeeded(run, refusals, place);
      return length;
    } catch (error) {
      const { rung } = yield* cure(run, error, refusals, place);
      if (run.link.arrivals !== arrivals) return 0;
      hung = rung === "bus reset" ? sent : undefined;
    }
  }
}

/** `alike`: how many times in a row this byte was the first one that is wrong. */
function* notTaken(
  run: Run,
  { spans }: EepromWork,
  address: number,
  alike: number,
): Work<DfuError> {
  const why = `${hex32(address)} in data EEPROM reads back wrong after each of ${ROUNDS} writes`;
  if (lossExplains(run, alike)) return new DfuError("link.budget", why, { address });
  const span = spans.find((one) => address >= one.address && address < one.address + one.length);
  let isAsBefore = false;
  if (span !== undefined) {
    const { alternate, before } = span;
    const got = yield* persist(run, { what: "read", address, alternate }, () =>
      readBlock(run, alternate, address, 1),
    );
    isAsBefore = got[0] === before[address - span.address];
  }
  return new DfuError(isAsBefore ? "flash.silent_drop" : "flash.verify_mismatch", why, { address });
}
