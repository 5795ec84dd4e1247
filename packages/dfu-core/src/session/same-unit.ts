import { DfuError, hex32 } from "../errors.ts";
import type { Segment } from "../image/image.ts";
import type { FlashPlan } from "../plan/plan.ts";
import type { Attempt } from "./attempt.ts";
import { blockLength } from "./blocks.ts";
import { consistsOf } from "./bytes.ts";
import { isBlank } from "./compare.ts";
import { holds, isDirtyFlash } from "./read-range.ts";
import type { Run, Work } from "./run.ts";
import { type SectorWork, stretchesWithoutSeal } from "./sector-work.ts";
import { freshSession } from "./verify.ts";
import { rewriteSpoiled } from "./write.ts";

/**
 * The unit left its port and came back before all was written. Its descriptors are the same; that its memory is too, is shown
 * before anything is done to it (engine rule 14):
 *
 * - the seal, once it was read back as erased, still is: any other unit that ever started holds something there;
 * - of the sectors that hold something known, one at least is as it was left; a blank one counts only where all are. What was
 *   written is read whole; for what was kept, what is erased, and what still waits for its erase, one block speaks. What is
 *   wrong is erased and written again.
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
  const seen: Seen[] = [];
  for (const work of works) {
    const known = yield* look(attempt, work);
    if (known === undefined) continue;
    seen.push(known);
    if (!known.right && work.state !== "erase") rewriteSpoiled(run, work);
  }
  const telling = seen.filter((one) => one.telling);
  const speaking = telling.length > 0 ? telling : seen;
  if (speaking.length > 0 && !speaking.some(({ right }) => right)) {
    throw new DfuError(
      "device.other",
      `none of ${speaking.length} sectors whose content is known holds it after the unit came back`,
    );
  }
  if (telling.length > 0) return;
  for (const work of works) {
    if (work.state === "write" && !(yield* isStillErased(run, work))) rewriteSpoiled(run, work);
  }
}

interface Seen {
  readonly right: boolean;
  /** It is not blank: a blank sector is right in any blank unit. */
  readonly telling: boolean;
}

const erased = (plan: FlashPlan, length: number): Uint8Array =>
  new Uint8Array(length).fill(plan.erasedValue);

/** Undefined where nobody knows what the sector holds. */
function* look(attempt: Attempt, work: SectorWork): Work<Seen | undefined> {
  const { run, plan } = attempt;
  const { sector } = work;
  const parts = known(attempt, work);
  if (parts === undefined) return undefined;
  let right = true;
  for (const { address, data } of parts) {
    right &&= yield* holds(run, { address, alternate: sector.alternate }, data);
  }
  // What made the unit leave is not read again.
  if (!right) work.before = undefined;
  return { right, telling: parts.some(({ data }) => !consistsOf(data, plan.erasedValue)) };
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
 * and where that proves nothing (engine rule 7) it must be erased again.
 */
function* isStillErased(run: Run, work: SectorWork): Work<boolean> {
  const { alternate, address, size: length } = work.sector;
  if (run.family.ecc) return false;
  try {
    return yield* isBlank(run, [{ alternate, address, length }]);
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return false;
  }
}
