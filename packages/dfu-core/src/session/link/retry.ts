import { rootOf } from "../../diagnosis/index.ts";
import { DfuError, hex32 } from "../../errors.ts";
import { isLossy } from "../../pacing/budgets.ts";
import { DfuState, DfuStatus } from "../../protocol/constants.ts";
import { countFailure, countSuccess, incident, type Run, step, type Work } from "../machine/run.ts";
import { refusal } from "./operate.ts";
import { judgeReadRefusal } from "./read-protection.ts";
import { type Resynced, resync } from "./resync.ts";
import { type OperationPlace, Trouble, troubleFrom } from "./trouble.ts";

/** Refusals of one operation, kept until it succeeds or they are believed. */
export interface Refusals {
  count: number;
  last: Trouble | undefined;
}

export const noRefusals = (): Refusals => ({ count: 0, last: undefined });

/** Whether something else than the unit's own no explains a refusal; the device is in dfuIDLE again. */
export type Excuse = (refused: Trouble) => Work<boolean>;

/**
 * Cures one trouble: brings the device back to dfuIDLE, keeps the incident, counts it and takes a gentler profile. A refusal
 * in the device's own words is not yet an incident: said `budgets.refusals` times it is judged and thrown, and when it
 * vanishes {@link succeeded} calls it false. One that has an excuse does not count.
 */
export function* cure(
  run: Run,
  error: unknown,
  refusals: Refusals,
  place: OperationPlace,
  excuse?: Excuse,
): Work<Resynced> {
  const trouble = error instanceof Trouble ? error : troubleFrom(error, place.what, "unknown");
  const result = yield* resync(run, trouble);
  // It was not the unit that was silent.
  if (trouble.code === "link.timeout" && result.prompt) run.patience.proveLoss();
  const refused =
    trouble.status !== undefined
      ? trouble
      : result.refused &&
        refusal(result.refused, `${place.what} at ${hex32(place.address)} was refused`);
  if (refused !== undefined) {
    if (excuse !== undefined && (yield* excuse(refused))) return result;
    refusals.count += 1;
    refusals.last = refused;
    if (refusals.count >= run.budgets.refusals) yield* believe(run, refused, place);
    yield* step(run, { kind: "wait", ms: 10 });
    return result;
  }
  if (result.unplugged) return result;
  yield* incident(run, trouble.code, trouble.message, place.address);
  yield* incident(run, "link.resync", `${trouble.code}: ${result.by}`, place.address);
  yield* countFailure(run, trouble.code);
  if (run.link.row.length >= run.budgets.consecutive) {
    const code = rootOf(run.link.row);
    throw new DfuError(code, `${trouble.message}; ${run.link.row.length} failures in a row`, {
      address: place.address,
    });
  }
  const spent =
    run.link.lostMs > run.budgets.lostMs && isLossy(run.link.failures, run.link.transfers);
  if (spent || run.link.failures >= run.budgets.failures) {
    throw new DfuError(
      "link.budget",
      `${run.link.failures} link failures in ${run.link.transfers} transfers, which took ${Math.round(run.link.lostMs / 1000)} s, the last: ${trouble.message}`,
      { address: place.address },
    );
  }
  return result;
}

function* believe(run: Run, refused: Trouble, place: OperationPlace): Work<void> {
  if (refused.status === DfuStatus.ErrVendor) yield* judgeReadRefusal(run, place);
  else {
    throw new DfuError(refused.code, `${refused.message}, ${run.budgets.refusals} times`, {
      address: place.address,
    });
  }
}

/** A block or an erase is done: the row of failures ends, and a refusal that vanished was false. */
export function* succeeded(run: Run, refusals: Refusals, place: OperationPlace): Work<void> {
  run.link.setRow([]);
  const { last } = refusals;
  if (last === undefined) {
    yield* countSuccess(run);
    return;
  }
  refusals.last = undefined;
  refusals.count = 0;
  const ofLink =
    last.status === DfuStatus.ErrVendor ||
    last.status === DfuStatus.ErrUnknown ||
    last.status === DfuStatus.ErrStalledPacket ||
    last.code === "flash.address_refused";
  const code = ofLink ? "link.false_status" : last.code;
  yield* incident(run, code, `${last.message}; it vanished after a resync`, place.address);
  if (ofLink) {
    yield* countFailure(run, code);
    run.link.setRow([]);
  }
}

/** Repeats something that may be repeated, until it is done or its trouble is thrown as a plain error. */
export function* persist<T>(run: Run, place: OperationPlace, action: () => Work<T>): Work<T> {
  const refusals = noRefusals();
  for (;;) {
    try {
      const result = yield* action();
      yield* succeeded(run, refusals, place);
      return result;
    } catch (error) {
      yield* cure(run, error, refusals, place);
    }
  }
}

/** True when nothing of a failed DNLOAD can have been executed: only a GETSTATUS starts it (rule 1, docs/protocol.md). */
export const surelyNotExecuted = (error: unknown, result: Resynced): boolean =>
  error instanceof Trouble && error.executed === "no" && result.found !== DfuState.DnBusy;
