import { DfuError, hex32 } from "../../errors.ts";
import type { Segment } from "../../image/image.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { blockLength, fullBlock } from "../link/blocks.ts";
import type { Run, Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "../sectors/bytes.ts";
import { isBlank } from "../sectors/compare.ts";
import { holds, isDirtyFlash, readRange } from "../sectors/read-range.ts";
import { type SectorWork, stretchesWithoutSeal } from "../sectors/sector-work.ts";
import { freshSession } from "../sectors/verify.ts";
import { rewriteSpoiled } from "../sectors/write.ts";
import type { Attempt } from "./attempt.ts";

/**
 * The unit left its port and came back before all was written. Its descriptors are the same; that its memory is too, is shown
 * before anything is done to it (rule 14, docs/protocol.md):
 *
 * - the seal, once it was read back as erased, still is: any other unit that ever started holds something there;
 * - of the sectors that hold something known, one at least is as it was left; a blank one counts only where all are. What was
 *   written is read whole; for what was kept, what is erased, and what still waits for its erase, one block speaks. What is
 *   wrong is erased and written again;
 * - a link that makes units leave loses blocks as well: once the seal has spoken, a written sector with {@link LOST_SHARE} of its blocks
 *   wrong at most is as it was left.
 *
 * Else it is `device.other`, and nothing was done to it. Where nothing but blank sectors speaks, a blank unit may have taken the
 * place of another; there {@link isStillErased} decides.
 */
export function* confirmSameUnit(attempt: Attempt): Work<void> {
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
  if (speaking.length > 0 && !speaking.some(({ recognised }) => recognised)) {
    throw new DfuError("device.other", strangeness(speaking));
  }
  if (telling.length > 0) return;
  for (const work of works) {
    if (work.state === "write" && !(yield* isStillErased(run, work))) rewriteSpoiled(run, work);
  }
}

/** Blocks of a written sector that a link may have lost. */
const LOST_SHARE = 0.25;

interface Seen {
  readonly right: boolean;
  /** As it was left, but for what a link can lose. */
  readonly recognised: boolean;
  /** It is not blank: a blank sector is right in any blank unit. */
  readonly telling: boolean;
  /** Blocks that were read and are as they were left, and others. */
  readonly held: number;
  readonly wrong: number;
}

function strangeness(seen: readonly Seen[]): string {
  const [held, wrong] = [sum(seen, "held"), sum(seen, "wrong")];
  return `none of ${seen.length} sectors whose content is known holds it after the unit came back: ${held} blocks are as they were left, ${wrong} are not`;
}

const sum = (seen: readonly Seen[], of: "held" | "wrong"): number =>
  seen.reduce((total, one) => total + one[of], 0);

const erased = (plan: FlashPlan, length: number): Uint8Array =>
  new Uint8Array(length).fill(plan.erasedValue);

const isBlankContent = (
  { content, plan }: Attempt,
  { address, length }: { readonly address: number; readonly length: number },
): boolean => consistsOf(content.read(address, length), plan.erasedValue);

/** Undefined where nobody knows what the sector holds. */
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
  for (const { address, data } of parts) {
    if (wrong > mayBeLost) break;
    const stretch = { address, alternate: work.sector.alternate, length: data.length };
    try {
      yield* readRange(run, stretch, (at, bytes) => {
        const expected = data.subarray(at - address, at - address + bytes.length);
        if (!equalBytes(bytes, expected)) wrong += 1;
        // What is blank anywhere speaks for nobody.
        else if (!consistsOf(expected, plan.erasedValue)) held += 1;
        return wrong <= mayBeLost;
      });
    } catch (error) {
      if (!isDirtyFlash(error)) throw error;
      wrong = blocks;
    }
  }
  const right = wrong === 0;
  // What made the unit leave is not read again.
  if (!right) work.before = undefined;
  const telling = parts.some(({ data }) => !consistsOf(data, plan.erasedValue));
  const recognised = wrong <= (held + wrong) * share;
  return { right, recognised, telling, held, wrong };
}

/** What the sector is to hold now, as far as it is to be read; undefined where nobody knows. */
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
 * Whether what waits to be written can be programmed on a unit that has not proven to be the same: all of it must read blank,
 * and where that proves nothing (rule 7, docs/protocol.md) it must be erased again.
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
