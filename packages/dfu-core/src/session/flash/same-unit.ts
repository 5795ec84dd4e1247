import { DfuError, hex32 } from "../../errors.ts";
import type { Segment } from "../../image/image.ts";
import type { SealedPlan } from "../../plan/plan.ts";
import { blockLength, fullBlock } from "../link/blocks.ts";
import type { Run, Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "../sectors/bytes.ts";
import { isBlank } from "../sectors/compare.ts";
import { holds, isDirtyFlash, readRange } from "../sectors/read-range.ts";
import { type SectorWork, stretchesWithoutSeal } from "../sectors/sector-work.ts";
import { freshSession } from "../sectors/verify.ts";
import { rewriteSpoiled } from "../sectors/write.ts";
import type { Attempt, Guarded } from "./attempt.ts";

/**
 * The unit left its port and came back before all was written. Its descriptors are the same. Its memory must show that it is the
 * same unit before anything is done to it (rule 14, docs/protocol.md):
 *
 * - If the seal was read back as erased, it must still be erased. Any other unit that ever started holds data there.
 * - At least one sector with known content must be as it was left. A blank sector counts only if all known sectors are blank.
 *   A written sector is read whole. Of a sector that was kept, is erased or waits for its erase, one block is read. A sector that
 *   is wrong is erased and written again.
 * - A link that makes units leave also loses blocks. Once the seal was right, a written sector counts as it was left if at most
 *   {@link LOST_SHARE} of its blocks are wrong.
 * - Flash with ECC that was programmed twice makes the unit leave when it is read. Once the seal was right, such a unit is the same
 *   if every block that could be read is as it was left; {@link onlyLeaves}.
 *
 * Otherwise this throws `device.other`, and nothing was done to the unit. If only blank sectors were compared, a blank unit may
 * have taken the place of another one; then {@link isStillErased} decides, and this is false.
 */
function* confirmSameUnit(attempt: Attempt): Work<boolean> {
  const { run, plan, works } = attempt;
  const { address, length } = plan.seal;
  yield* freshSession(run, plan.seal);
  if (attempt.sealErased && !(yield* holds(run, plan.seal, erased(plan, length)))) {
    const why = `${hex32(address)} was erased, and after the unit came back it is not`;
    throw new DfuError("device.other", why, { address });
  }
  const sealSpoke = attempt.sealErased && !isBlankContent(attempt, plan.seal);
  const seen: Seen[] = [];
  for (const work of works) {
    const known = yield* look(attempt, work, sealSpoke ? LOST_SHARE : 0);
    if (known === undefined) continue;
    seen.push(known);
    if (!known.right && work.state !== "erase") rewriteSpoiled(run, work);
  }
  const telling = seen.filter((one) => one.telling);
  const speaking = telling.length > 0 ? telling : seen;
  const isKnown = speaking.some(({ recognised }) => recognised) || (sealSpoke && onlyLeaves(seen));
  if (speaking.length > 0 && !isKnown) {
    throw new DfuError("device.other", strangeness(speaking));
  }
  if (telling.length > 0) return true;
  for (const work of works) {
    if (work.state === "write" && !(yield* isStillErased(run, work))) rewriteSpoiled(run, work);
  }
  return false;
}

/** A unit that is not proven to be the one that passed the guards has to pass them itself. */
export function* stillGuarded(attempt: Guarded): Work<void> {
  const { run } = attempt;
  while (attempt.guardedArrivals !== run.link.arrivals) {
    const { arrivals } = run.link;
    yield* attempt.guards();
    attempt.guardedArrivals = arrivals;
  }
}

/** After a drop the unit must first show that it is the same (rule 14, docs/protocol.md). False when a sector must be erased. */
export function* stillTheSame(attempt: Attempt): Work<boolean> {
  const { run, works } = attempt;
  while (attempt.confirmedArrivals !== run.link.arrivals) {
    const { arrivals } = run.link;
    const proven = yield* confirmSameUnit(attempt);
    attempt.proven &&= proven;
    attempt.confirmedArrivals = arrivals;
    if (proven) attempt.guardedArrivals = arrivals;
    else yield* stillGuarded(attempt);
  }
  return works.every((work) => work.state !== "erase");
}

/** Blocks of a written sector that a link may have lost. */
const LOST_SHARE = 0.25;

interface Seen {
  readonly right: boolean;
  /** As it was left, apart from blocks that a link can lose. */
  readonly recognised: boolean;
  /** It is not blank: a blank sector is right in any blank unit. */
  readonly telling: boolean;
  /** Reading it made the unit leave, so the rest of it was not read. */
  readonly left: boolean;
  /** Blocks that were read and are as they were left, and others. */
  readonly held: number;
  readonly wrong: number;
}

/** Whether nothing speaks against a unit but that it leaves while it is read, and something that was read speaks for it. */
const onlyLeaves = (seen: readonly Seen[]): boolean =>
  seen.some(({ left }) => left) && sum(seen, "wrong") === 0 && sum(seen, "held") > 0;

function strangeness(seen: readonly Seen[]): string {
  const [held, wrong] = [sum(seen, "held"), sum(seen, "wrong")];
  const unread = seen.filter(({ left }) => left).length;
  const leaving = unread === 0 ? "" : `; it leaves while ${unread} of the sectors are read`;
  return `none of ${seen.length} sectors whose content is known holds it after the unit came back: ${held} blocks are as they were left, ${wrong} are not${leaving}`;
}

const sum = (seen: readonly Seen[], of: "held" | "wrong"): number =>
  seen.reduce((total, one) => total + one[of], 0);

const erased = (plan: SealedPlan, length: number): Uint8Array =>
  new Uint8Array(length).fill(plan.erasedValue);

const isBlankContent = (
  { content, plan }: Attempt,
  { address, length }: { readonly address: number; readonly length: number },
): boolean => consistsOf(content.read(address, length), plan.erasedValue);

/** Undefined where the sector's content is not known. */
function* look(attempt: Attempt, work: SectorWork, lostShare: number): Work<Seen | undefined> {
  const { run, plan } = attempt;
  const parts = known(attempt, work);
  if (parts === undefined) return undefined;
  const blocks = parts.reduce(
    (total, { data }) => total + Math.ceil(data.length / fullBlock(run)),
    0,
  );
  const share = work.state === "written" ? lostShare : 0;
  const mayBeLost = Math.floor(blocks * share);
  let held = 0;
  let wrong = 0;
  let left = false;
  for (const { address, data } of parts) {
    if (wrong > mayBeLost || left) break;
    const stretch = { address, alternate: work.sector.alternate, length: data.length };
    try {
      yield* readRange(run, stretch, (at, bytes) => {
        const expected = data.subarray(at - address, at - address + bytes.length);
        if (!equalBytes(bytes, expected)) wrong += 1;
        // A block that should be blank proves nothing: a blank unit has it as well.
        else if (!consistsOf(expected, plan.erasedValue)) held += 1;
        return wrong <= mayBeLost;
      });
    } catch (error) {
      if (!isDirtyFlash(error)) throw error;
      left = true;
    }
  }
  const right = wrong === 0 && !left;
  // A sector whose reading made the unit leave is not read again.
  if (!right) work.before = undefined;
  const telling = parts.some(({ data }) => !consistsOf(data, plan.erasedValue));
  const recognised = !left && wrong <= (held + wrong) * share;
  return { right, recognised, telling, left, held, wrong };
}

/** The part of the sector's expected content that is to be read; undefined where it is not known. */
function known({ run, plan, content }: Attempt, work: SectorWork): readonly Segment[] | undefined {
  const { address, size } = work.sector;
  const read = (part: { readonly address: number; readonly length: number }): Segment => ({
    address: part.address,
    data: content.read(part.address, part.length),
  });
  const [piece] = work.pieces;
  switch (work.state) {
    case "erase":
      return work.before && [work.before];
    case "write":
      return [{ address, data: erased(plan, blockLength(run, address, address + size)) }];
    case "keep":
      return (
        piece && [
          read({ ...piece, length: blockLength(run, piece.address, piece.address + piece.length) }),
        ]
      );
    case "written":
      return stretchesWithoutSeal(plan, work).map(read);
  }
}

/**
 * Whether the sectors that wait to be written can be programmed, on a unit that has not proven to be the same. All of them must
 * read blank. Where a blank read proves nothing (rule 7, docs/protocol.md), they must be erased again.
 */
function* isStillErased(run: Run, work: SectorWork): Work<boolean> {
  const { alternate, address, size: length } = work.sector;
  if (run.device.family.ecc) return false;
  try {
    return yield* isBlank(run, [{ alternate, address, length }]);
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return false;
  }
}
