import type { EngineCode } from "../../codes.ts";
import { DfuError, hex32 } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import type { Run, Work } from "../machine/run.ts";
import { equalBytes } from "./bytes.ts";
import { hasLosses, holdsSetAddress, isStaleBuffer, lossExplains } from "./lost-data.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import type { Alike, SectorWork } from "./sector-work.ts";
import { type Span, slicesOf } from "./span.ts";

/** What was read of a sector in one verification. */
interface Look {
  readonly work: SectorWork;
  /** Bytes that are right. */
  good: number;
  /** The first wrong byte, and the beginning of what was read with it. */
  first: { readonly address: number; readonly from: number; readonly got: Uint8Array } | undefined;
  /** Offsets that ever read back wrong, with those of this time. */
  wrong: Uint8Array | undefined;
  /** The first byte that is wrong for the second time, and what was read from there. */
  again: Wrong | undefined;
  /** The wrong bytes, each with how often in a row it read the same. */
  alike: Alike | undefined;
  /** The byte that read the same wrong value most often in a row. */
  most: (Wrong & { readonly times: number }) | undefined;
  /** A byte that was wrong is right. */
  cured: boolean;
  /** Data that goes here was lost on the way. */
  stale: boolean;
}

interface Wrong {
  readonly address: number;
  readonly got: Uint8Array;
}

export type Looks = ReadonlyMap<SectorWork, Look>;

export const firstLook = (work: SectorWork): Look => ({
  work,
  good: 0,
  wrong: undefined,
  first: undefined,
  again: undefined,
  most: undefined,
  cured: false,
  stale: false,
  alike: work.alike && {
    times: work.alike.times.slice(),
    values: work.alike.values.slice(),
  },
});

/** Compares what was read at `address` with what goes there. `stale`: it is what lay in the unit's buffer before. */
export function examine(
  run: Run,
  block: Span,
  looks: Looks,
  content: Content,
  address: number,
  got: Uint8Array,
): "right" | "wrong" | "stale" {
  const slices = slicesOf(block, address, got);
  const isRight = equalBytes(got, content.read(address, got.length));
  const lost =
    !isRight &&
    (isStaleBuffer(run, content, address, got) ||
      slices.some((slice) => holdsSetAddress(run, slice.address, slice.data)));
  for (const { work, address: from, data } of slices) {
    const look = looks.get(work);
    if (look === undefined) continue;
    if (isRight && look.alike === undefined) look.good += data.length;
    else examineSlice(look, content, from, data, lost);
  }
  if (isRight) return "right";
  return lost ? "stale" : "wrong";
}

function examineSlice(
  look: Look,
  content: Content,
  from: number,
  got: Uint8Array,
  lost: boolean,
): void {
  const { work } = look;
  const expected = content.read(from, got.length);
  for (const [index, byte] of got.entries()) {
    const address = from + index;
    const offset = address - work.sector.address;
    if (byte === expected[index]) {
      look.good += 1;
      look.cured ||= (look.alike?.times[offset] ?? 0) > 0;
      look.alike?.times.fill(0, offset, offset + 1);
      continue;
    }
    look.first ??= { address, from, got };
    if (lost) {
      look.stale = true;
      return;
    }
    const { size } = work.sector;
    look.wrong ??= work.wrong?.slice() ?? new Uint8Array(size);
    look.wrong[offset] = 1;
    const wrong = { address, got: got.subarray(index) };
    if (work.wrong?.[offset] === 1) look.again ??= wrong;
    look.alike ??= { times: new Uint8Array(size), values: new Uint8Array(size) };
    const times = timesAlike(look.alike, offset, byte);
    if (times > (look.most?.times ?? 0)) look.most = { ...wrong, times };
  }
}

function timesAlike({ times, values }: Alike, offset: number, value: number): number {
  const before = values[offset] === value ? (times[offset] ?? 0) : 0;
  times[offset] = before + 1;
  values[offset] = value;
  return before + 1;
}

/**
 * Whether a sector is wrong, which is kept with it. Throws where a byte is wrong for the second time (rule 8, docs/protocol.md). Where the
 * link has failed before, a byte must read the same wrong value more often in a row than losses explain.
 */
export function judgeLook(run: Run, look: Look, content: Content): boolean {
  const { work, good, first, wrong, again, alike, most, cured } = look;
  if (cured) run.link.countLost();
  const proof = hasLosses(run) ? most : again;
  if (proof !== undefined && !lossExplains(run, most?.times ?? 0)) {
    throw theUnits(run, work, proof, content);
  }
  work.alike = alike;
  if (first === undefined) {
    run.tally.figures.bytes += good;
    return false;
  }
  work.wrong = wrong ?? work.wrong;
  work.wrongAt = first.address;
  work.wrongBlock = { address: first.from, bytes: first.got.slice(0, PROBE_BYTES) };
  return true;
}

function theUnits(run: Run, work: SectorWork, { address, got }: Wrong, content: Content): DfuError {
  const seen = content.isSecret(address)
    ? "differs from the per-unit secret that it is to hold"
    : `reads ${firstOf(got)}, expected ${firstOf(content.read(address, 1))}`;
  const losses = hasLosses(run) ? ", more often than what the link loses explains" : "";
  const detail = `${hex32(address)} ${seen}, again after its sector was erased and written anew${losses}`;
  return new DfuError(judge(run, work, got), detail, { address });
}

const firstOf = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 1), (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join("");

/** Why a byte is wrong twice, by what it holds now and what it held right after the erase in between. */
function judge(run: Run, work: SectorWork, got: Uint8Array): EngineCode {
  const erased = run.device.family.erasedValue;
  if (work.eraseHadNoEffect) return "flash.write_protected";
  return got[0] === erased ? "flash.silent_drop" : "flash.verify_mismatch";
}

const PROBE_BYTES = 64;

/** After the erase of a retry: whether the block that was wrong is still as it was, as evidence for {@link judge}. */
export function* probeAfterErase(run: Run, work: SectorWork): Work<void> {
  const { wrongBlock, sector } = work;
  if (wrongBlock === undefined) return;
  const { address, bytes } = wrongBlock;
  const { alternate } = sector;
  let same = true;
  try {
    yield* readRange(run, { alternate, address, length: bytes.length }, (at, data) => {
      same &&= equalBytes(data, bytes.subarray(at - address, at - address + data.length));
      return same;
    });
  } catch (error) {
    // The verification tells whose fault that is.
    if (!isDirtyFlash(error)) throw error;
    same = false;
  }
  work.eraseHadNoEffect = same && bytes.some((byte) => byte !== run.device.family.erasedValue);
}
