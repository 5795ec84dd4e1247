import { DfuError } from "../../errors.ts";
import type { Machine, Reply, Step } from "../../protocol/step.ts";
import type { AbortSignalLike, Clock, DfuTransport } from "../../protocol/transport.ts";
import type { SnapshotStore } from "../../snapshot/store.ts";

/** What a machine may need beside transport and clock. */
export interface DriveOptions<E> {
  /** Honoured until the machine says `commit`. */
  readonly signal?: AbortSignalLike | undefined;
  readonly onEvent?: ((event: E) => void) | undefined;
  readonly snapshots?: SnapshotStore | undefined;
}

const NOTHING = new Uint8Array(0);

/** Steps with nobody to wait for: awaiting them would cost a slow host more than they do. */
type Immediate<E> = Extract<Step<E>, { kind: "event" | "commit" }>;

const isImmediate = <E>(step: Step<E>): step is Immediate<E> =>
  step.kind === "event" || step.kind === "commit";

/** Runs a machine on a transport. The only function of this package that awaits. */
export async function drive<T, E>(
  machine: Machine<T, E>,
  transport: DfuTransport,
  clock: Clock,
  options: DriveOptions<E> = {},
): Promise<T> {
  let signal = options.signal;
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
      case "power-cycle":
        return reply(NOTHING, (await transport.powerCycle?.(signal)) ?? false);
      case "snapshot":
        return store(step);
    }
  };
  const performNow = (step: Immediate<E>): Reply => {
    if (step.kind === "event") options.onEvent?.(step.event);
    else signal = undefined;
    return reply();
  };
  let next = machine.next(reply());
  while (!next.done) {
    let answer: Reply;
    try {
      if (signal?.aborted && next.value.kind !== "event") throw signal.reason;
      answer = isImmediate(next.value) ? performNow(next.value) : await perform(next.value);
    } catch (cause) {
      const cancelled = signal?.aborted === true;
      // What the machine still does after it was told is its own closing, and not cancelled again.
      if (cancelled) signal = undefined;
      next = machine.throw(
        cancelled
          ? new DfuError("attempt.cancelled", "cancelled before the first erase", { cause })
          : cause,
      );
      continue;
    }
    next = machine.next(answer);
  }
  return next.value;
}
