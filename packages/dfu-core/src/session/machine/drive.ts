import { DfuError } from "../../errors.ts";
import type { Machine, Reply, Step } from "../../protocol/step.ts";
import type { AbortSignalLike, Clock, DfuTransport } from "../../protocol/transport.ts";
import type { SnapshotStore } from "../../snapshot/store.ts";

/** What a machine may need beside transport and clock. */
export interface DriveOptions<E> {
  /** Honoured until the machine says `commit`. Where there is a `stop`, it is looked at between steps only. */
  readonly signal?: AbortSignalLike | undefined;
  /** Honoured at every step, in the middle of it too. After it no step of the machine reaches the unit. */
  readonly stop?: AbortSignalLike | undefined;
  readonly onEvent?: ((event: E) => void) | undefined;
  readonly snapshots?: SnapshotStore | undefined;
}

const NOTHING = new Uint8Array(0);

/** Steps that need no wait. Awaiting them would take a slow host longer than the steps themselves. */
type Immediate<E> = Extract<Step<E>, { kind: "event" | "commit" }>;

/** What a machine may still do in its closing after a stop: nothing of it touches the unit. */
const CLOSING: ReadonlySet<Step["kind"]> = new Set(["event", "snapshot"]);

const isImmediate = <E>(step: Step<E>): step is Immediate<E> =>
  step.kind === "event" || step.kind === "commit";

/** How long a transport has to call back what is under way. */
const CALL_BACK_MS = 250;

/** Not every transport can call a transfer back: what runs on is left to itself, for the unit is not asked anything more. */
function unlessStopped<T>(running: Promise<T>, clock: Clock, stop: AbortSignalLike): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(stop.reason);
    const onAbort = () => void clock.sleep(CALL_BACK_MS).then(giveUp, giveUp);
    if (stop.aborted) onAbort();
    else stop.addEventListener("abort", onAbort, { once: true });
    const settled = () => stop.removeEventListener("abort", onAbort);
    running.finally(settled).then(resolve, reject);
  });
}

/** Runs a machine on a transport. The only function of this package that awaits. */
export async function drive<T, E>(
  machine: Machine<T, E>,
  transport: DfuTransport,
  clock: Clock,
  options: DriveOptions<E> = {},
): Promise<T> {
  const { stop } = options;
  /** Until it was honoured, and until `commit`. */
  let cancel = options.signal;
  let committed = false;
  let signal = stop ?? cancel;
  const reply = (data: Uint8Array = NOTHING, done = true): Reply => ({
    data,
    done,
    now: clock.now(),
    descriptors: transport.descriptors,
  });
  const store = async (step: Extract<Step<E>, { kind: "snapshot" }>): Promise<Reply> => {
    const { snapshots } = options;
    if (snapshots === undefined) {
      throw new DfuError(
        "plan.remainder",
        "preserving needs storage for snapshots, and none is set",
      );
    }
    try {
      if (step.action === "load") {
        const bytes = await snapshots.load(step.name);
        return reply(bytes ?? NOTHING, bytes !== undefined);
      }
      await (step.action === "save"
        ? snapshots.save(step.name, step.data)
        : snapshots.forget(step.name));
      return reply();
    } catch (cause) {
      throw new DfuError("snapshot.store", `${step.action} "${step.name}": ${String(cause)}`, {
        cause,
      });
    }
  };
  const perform = async (step: Exclude<Step<E>, Immediate<E>>): Promise<Reply> => {
    switch (step.kind) {
      case "out":
        await transport.controlOut(step.request, step.value, step.data, step.timeoutMs, signal);
        return reply();
      case "in":
        return reply(
          await transport.controlIn(step.request, step.value, step.length, step.timeoutMs, signal),
        );
      case "wait":
        if (step.ms > 0) await clock.sleep(step.ms, signal);
        return reply();
      case "alternate":
        await transport.selectAlternate(step.alternate, signal);
        return reply();
      case "reset":
        return reply(NOTHING, await transport.reset(signal));
      case "reenumerate":
        await transport.reenumerate(step.deadlineMs, signal);
        return reply();
      case "port":
        return { ...reply(), disconnectedMs: transport.disconnectedMs ?? 0 };
      case "power-cycle":
        return reply(NOTHING, (await transport.powerCycle?.(signal)) ?? false);
      case "snapshot":
        return store(step);
    }
  };
  const withinReach = (step: Exclude<Step<E>, Immediate<E>>): Promise<Reply> =>
    stop === undefined || CLOSING.has(step.kind)
      ? perform(step)
      : unlessStopped(perform(step), clock, stop);
  const performNow = (step: Immediate<E>): Reply => {
    if (step.kind === "event") options.onEvent?.(step.event);
    else {
      committed = true;
      cancel = undefined;
      signal = stop;
    }
    return reply();
  };
  const refuseWhenAborted = ({ kind }: Step<E>) => {
    if (stop?.aborted && !CLOSING.has(kind)) throw stop.reason;
    if (cancel?.aborted && kind !== "event") throw cancel.reason;
  };
  /** What the machine is told when a step failed because somebody wanted the end. */
  const askedToEnd = ({ kind }: Step<E>, cause: unknown): DfuError | undefined => {
    if (stop?.aborted && !CLOSING.has(kind)) {
      return committed
        ? new DfuError("attempt.interrupted", "told to stop", { cause })
        : new DfuError("attempt.cancelled", "told to stop before anything was changed", { cause });
    }
    if (!cancel?.aborted) return undefined;
    // What the machine still does after it was told is its own closing, and not cancelled again.
    cancel = undefined;
    signal = stop;
    return new DfuError("attempt.cancelled", "cancelled before the first erase", { cause });
  };
  let next = machine.next(reply());
  while (!next.done) {
    let answer: Reply;
    try {
      refuseWhenAborted(next.value);
      answer = isImmediate(next.value) ? performNow(next.value) : await withinReach(next.value);
    } catch (cause) {
      next = machine.throw(askedToEnd(next.value, cause) ?? cause);
      continue;
    }
    next = machine.next(answer);
  }
  return next.value;
}
