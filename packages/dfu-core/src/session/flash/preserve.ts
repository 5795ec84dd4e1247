import { DfuError, hex32 } from "../../errors.ts";
import type { Segment } from "../../image/image.ts";
import { contentOf } from "../../plan/content.ts";
import { decodeSnapshot, encodeSnapshot, type Snapshot } from "../../snapshot/snapshot.ts";
import { identityOf } from "../link/resync.ts";
import { type Run, step, type Work } from "../machine/run.ts";
import { consistsOf } from "../sectors/bytes.ts";
import { holds, isDirtyFlash, readRange } from "../sectors/read-range.ts";
import { readTwice } from "../sectors/read-twice.ts";
import type { SectorWork } from "../sectors/sector-work.ts";
import { freshSession } from "../sectors/verify.ts";
import type { Attempt } from "./attempt.ts";

const NOTHING = new Uint8Array(0);

const partlyCovered = (attempt: Attempt): readonly SectorWork[] =>
  attempt.works.filter((work) => work.sector.remainder > 0);

const refuse = (why: string, address?: number): DfuError =>
  new DfuError("plan.remainder", why, address === undefined ? {} : { address });

/** From here on the whole sector is content, written and verified like the image. */
function takeOver(work: SectorWork): void {
  const { address, size } = work.sector;
  work.pieces = [{ address, length: size }];
}

/**
 * Takes over the snapshot of an earlier attempt at this unit that was cut off (rule 12, docs/protocol.md), before anything is
 * compared. The snapshot is believed when the unit is known to be dirty, or its seal is erased or cannot be read.
 */
export function* adoptSnapshot(attempt: Attempt, name: string, knownDirty: boolean): Work<void> {
  const { run, plan, image } = attempt;
  const { data, done } = yield* step(run, {
    kind: "snapshot",
    action: "load",
    name,
    data: NOTHING,
  });
  const partly = partlyCovered(attempt);
  if (!done) {
    if (!knownDirty || partly.length === 0) return;
    throw refuse("after an interrupted attempt without a snapshot nobody knows what to preserve");
  }
  const stored = decodeSnapshot(data);
  if (stored.identity !== identityOf(run.device.descriptors)) {
    throw refuse(`the snapshot "${name}" is of another unit: ${stored.identity}`);
  }
  if (!knownDirty && (yield* speaksForItself(attempt, stored))) return;
  const planned = new Set(plan.sectors.map((sector) => sector.address));
  const left = stored.segments.find((segment) => !planned.has(segment.address));
  if (left !== undefined) {
    throw refuse(
      `an interrupted attempt with another image left ${hex32(left.address)} unfinished; flash that image first`,
      left.address,
    );
  }
  const held = new Set(stored.segments.map((segment) => segment.address));
  const lost = partly.find(
    ({ sector }) => stored.touched.includes(sector.address) && !held.has(sector.address),
  );
  if (lost !== undefined) {
    throw refuse(
      `an interrupted attempt covered the sector at ${hex32(lost.sector.address)} with another image; nothing of it is left to preserve`,
      lost.sector.address,
    );
  }
  for (const work of attempt.works) if (held.has(work.sector.address)) takeOver(work);
  attempt.adopted = stored;
  attempt.content = contentOf(image, plan, stored.segments);
}

/**
 * A unit that holds the seal of the earlier attempt was finished: the seal is written last. A snapshot may have stayed all the
 * same. A unit with the seal from before was not touched, if everything else is as in the snapshot. Otherwise a torn erase looks
 * like an application that went on writing. A seal that is nothing but the erased value is there from the first erase on, and says nothing.
 */
function* speaksForItself(attempt: Attempt, stored: Snapshot): Work<boolean> {
  const { plan } = attempt;
  const { address, before, after } = stored.seal;
  const isErased = (data: Uint8Array) => consistsOf(data, plan.erasedValue);
  const wasUntouched = !isErased(before) && (yield* stillHolds(attempt, { address, data: before }));
  if (!wasUntouched && !isErased(after)) {
    if (yield* stillHolds(attempt, { address, data: after })) return true;
    // Whatever else it holds may be another image's, which was flashed since.
    const erased = new Uint8Array(after.length).fill(plan.erasedValue);
    if (yield* stillHolds(attempt, { address, data: erased })) return false;
    if (yield* isUnreadable(attempt, address, after.length)) return false;
  }
  for (const segment of stored.segments) {
    if (yield* stillHolds(attempt, segment)) continue;
    throw refuse(
      "the unit holds something else than the snapshot of an attempt that was cut off, and nothing tells which of the two is right",
      segment.address,
    );
  }
  return wasUntouched;
}

function* stillHolds({ run, plan }: Attempt, { address, data }: Segment): Work<boolean> {
  if (data.length === 0) return false;
  const place = { address, alternate: plan.seal.alternate };
  yield* freshSession(run, place);
  return yield* holds(run, place, data);
}

/** Reading it makes the unit leave: it was cut off there. */
function* isUnreadable({ run, plan }: Attempt, address: number, length: number): Work<boolean> {
  try {
    yield* readRange(run, { address, length, alternate: plan.seal.alternate }, () => true);
    return false;
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return true;
  }
}

/**
 * Reads what partly covered sectors hold, twice, and saves it, right before the first erase. If the unit leaves its port
 * meanwhile, all of it is read again.
 */
export function* saveSnapshot(attempt: Attempt, name: string): Work<void> {
  const { run, plan, image, adopted } = attempt;
  const known = adopted?.segments ?? [];
  const unknown = partlyCovered(attempt).filter(
    ({ sector }) => !known.some((segment) => segment.address === sector.address),
  );
  let segments: readonly Segment[];
  let seal: Snapshot["seal"];
  let arrivals: number;
  let sealReadable = true;
  do {
    arrivals = run.link.arrivals;
    const read: Segment[] = [];
    for (const { sector } of unknown) {
      const { address, size: length, alternate } = sector;
      read.push({ address, data: yield* readTwice(run, { address, length, alternate }) });
    }
    segments = [...known, ...read];
    if (segments.length === 0) return;
    attempt.content = contentOf(image, plan, segments);
    seal = yield* sealOf(attempt, sealReadable);
    // Reading this sector made the unit leave, and would do so in every round.
    sealReadable = seal.before.length > 0;
  } while (run.link.arrivals !== arrivals);
  for (const work of unknown) takeOver(work);
  const touched = plan.sectors.map((sector) => sector.address);
  const snapshot: Snapshot = {
    identity: identityOf(run.device.descriptors),
    seal,
    touched: [...new Set([...(adopted?.touched ?? []), ...touched])],
    segments,
  };
  yield* step(run, { kind: "snapshot", action: "save", name, data: encodeSnapshot(snapshot) });
}

/** The unit is done, or was never touched. */
export function* forgetSnapshot(run: Run, name: string): Work<void> {
  yield* step(run, { kind: "snapshot", action: "forget", name, data: NOTHING });
}

function* sealOf(attempt: Attempt, readable: boolean): Work<Snapshot["seal"]> {
  const { run, plan, adopted } = attempt;
  const { address, length, alternate } = plan.seal;
  const after = attempt.content.read(address, length);
  if (adopted !== undefined || !readable) return { address, before: NOTHING, after };
  try {
    return { address, before: yield* readTwice(run, { address, length, alternate }), after };
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return { address, before: NOTHING, after };
  }
}
