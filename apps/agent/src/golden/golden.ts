import {
  type AgentAbility,
  FlashlineError,
  type GoldenOrder,
  type NestGolden,
  type NestRefusal,
  RefusedError,
  type StationSetup,
} from "@flashline/contract";
import type { EngineEvent } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { v7 as uuid7 } from "uuid";
import type { Delivery } from "../deliver/rounds.ts";
import type { Fixture, FixtureOutcome } from "../hooks/fixture.ts";
import type { GiveBackOptions } from "../jobs/give-back.ts";
import { untilAnswered } from "../jobs/start.ts";
import type { ReadyNest } from "../nests/nest.ts";
import type { NestVerdict } from "../nests/reduce.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import { rest } from "../signals.ts";
import type { Board } from "../station/board.ts";
import { type CheckEnd, type CheckTools, runCheck } from "./check.ts";
import { giveUpCheck } from "./give-up.ts";

/** Checks of this station's nests with golden units. */
export interface Golden {
  isGolden(serial: string): boolean;
  /** The host behind the nest is quarantined, and only a golden run may start there. */
  isOnlyGolden(nest: string): boolean;
  /** Returns at once; what becomes of it shows at the nest. */
  start(nest: ReadyNest, operator: Worker | null | undefined): void;
  /** No further check of a run begins; the present one ends if nothing was erased yet. Without a nest: everywhere. */
  cancel(nest?: string): void;
  /** What the page shows of it beside the nest's state. */
  viewOf(nest: string): NestGolden | undefined;
  /** Time has passed: a check may be due by now. */
  tick(): void;
  /** Resolves when no check runs. */
  idle(): Promise<void>;
}

export interface GoldenOptions {
  readonly board: Board;
  readonly tools: CheckTools & { readonly fixture: Fixture };
  readonly delivery: Pick<Delivery, "wake">;
  readonly abilities: readonly AgentAbility[];
  readonly setup: () => StationSetup | undefined;
  readonly giveBackOptions: GiveBackOptions;
  /** The server refused the start. */
  readonly refused: (nest: string, jobId: string, refusal: NestRefusal) => void;
}

/** So long a golden unit may be off its port between two checks of a run, milliseconds. */
const GONE_MS = 10_000;
/** So long a server that is away is waited for between two checks, milliseconds. */
const AWAY_MS = 120_000;
const LOOK_MS = 100;

interface Work {
  readonly stop: AbortController;
  made: number;
  times: number;
}

/** What the checks of one scan came to. */
interface Sum {
  made: number;
  failed: number;
  durationMs: number;
  last: NestVerdict | undefined;
  vanished: boolean;
}

export function createGolden(options: GoldenOptions): Golden {
  const { board, tools, abilities, setup, giveBackOptions } = options;
  const working = new Map<string, Work>();
  const running = new Set<Promise<void>>();
  let due = "";

  const dueOf = (nest: string) => {
    const one = setup()?.golden?.nests.find(({ name }) => name === nest);
    return one !== undefined && Date.parse(one.dueAt) <= Date.now() ? one : undefined;
  };

  const open = (
    checkId: string,
    { name, serial }: Pick<ReadyNest, "name" | "serial">,
    operator: Worker | null | undefined,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<GoldenOrder> =>
    untilAnswered(
      async () => {
        const body = { checkId, serial, nest: name, abilities, ...namedOperator(operator) };
        const answer = await tools.link.call(
          "openGoldenCheck",
          { body: run === undefined ? body : { ...body, run } },
          { signal },
        );
        return answer.body;
      },
      run === undefined ? 0 : AWAY_MS,
      signal,
    );

  /** The unit stays plugged; what takes its place on the port is looked at by nobody but a person, who scans it. */
  async function unitAgain(nest: string, signal: AbortSignal): Promise<AttachedUnit> {
    const until = performance.now() + GONE_MS;
    for (;;) {
      const unit = board.unitAt(nest);
      if (unit !== undefined) return unit;
      if (performance.now() > until) throw new FlashlineError("golden.unit_gone");
      await rest(LOOK_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** The server has counted the check before the next one is opened: so a run has just as many as were planned. */
  async function counted(checkId: string, signal: AbortSignal): Promise<void> {
    options.delivery.wake();
    while (tools.journal.get(checkId)?.settled === undefined) {
      signal.throwIfAborted();
      await rest(LOOK_MS, signal);
    }
  }

  function onEvent(nest: string, jobId: string, event: EngineEvent): void {
    if (event.event === "progress") {
      const { phase, fraction, remainingMs = null } = event;
      board.dispatch(nest, {
        event: "progress",
        jobId,
        progress: { phase, fraction, remainingMs },
      });
    }
    if (event.event === "incident") {
      tools.log.warn({ nest, step: event.phase, code: event.code }, "incident of a golden check");
    }
  }

  function take(sum: Sum, end: CheckEnd): void {
    if (end.kind === "untouched") return;
    const { outcome, code, detail } = end.report;
    sum.made += 1;
    sum.durationMs += end.durationMs;
    sum.vanished = code === "link.lost";
    if (outcome === "PASS") {
      sum.last = { kind: "pass" };
      return;
    }
    sum.failed += 1;
    sum.last = { kind: "fail", refusal: refusalFrom(code ?? "internal.bug", detail) };
  }

  /** One check, or all that are left of a run. */
  async function checks(
    nest: ReadyNest,
    first: GoldenOrder,
    unit: AttachedUnit,
    operator: Worker | null | undefined,
    work: Work,
    sum: Sum,
  ): Promise<NestRefusal | undefined> {
    const { name } = nest;
    const { signal } = work.stop;
    let order = first;
    let at = unit;
    for (;;) {
      work.times = order.run?.times ?? 0;
      work.made = order.run?.made ?? 0;
      board.touch();
      const end = await runCheck(
        {
          ...{ order, unit: at, operator, signal },
          onEvent: (event) => onEvent(name, first.checkId, event),
        },
        tools,
      );
      take(sum, end);
      if (end.kind === "untouched") {
        void giveUpCheck(order.checkId, end.refusal, end.isJournaled, giveBackOptions);
        // Whoever ended a run sees what was made of it, and no fault.
        return signal.aborted && sum.made > 0 ? undefined : end.refusal;
      }
      if (order.run === null) return undefined;
      try {
        await counted(order.checkId, signal);
        at = await unitAgain(name, signal);
        order = await open(uuid7(), nest, operator, order.run.id, signal);
      } catch (error) {
        if (error instanceof RefusedError && error.refusal.code === "golden.run_over")
          return undefined;
        return signal.aborted ? undefined : refusalOf(error);
      }
    }
  }

  async function run(
    nest: ReadyNest,
    jobId: string,
    operator: Worker | null | undefined,
  ): Promise<void> {
    const { name, serial } = nest;
    const work: Work = { stop: new AbortController(), made: 0, times: 0 };
    const sum: Sum = { made: 0, failed: 0, durationMs: 0, last: undefined, vanished: false };
    let order: GoldenOrder;
    try {
      order = await open(jobId, nest, operator, undefined, work.stop.signal);
    } catch (error) {
      options.refused(name, jobId, refusalOf(error));
      return;
    }
    const unit = board.unitAt(name);
    const now = board.nest(name);
    if (unit === undefined || now?.state !== "starting" || now.jobId !== jobId) {
      const refusal = refusalFrom("attempt.cancelled", "The golden unit has left its nest.");
      board.dispatch(name, { event: "stopped", jobId, refusal });
      await giveUpCheck(order.checkId, refusal, false, giveBackOptions);
      return;
    }
    working.set(name, work);
    board.dispatch(name, { event: "leased", jobId });
    const fixed = { nest: name, serial, portPath: unit.portPath };
    let refusal: NestRefusal | undefined;
    try {
      await tools.fixture.prepare(fixed, work.stop.signal);
      refusal = await checks(nest, order, unit, operator, work, sum);
    } catch (error) {
      tools.log.error({ err: error, step: "golden", nest: name }, "a golden check broke off");
      refusal = refusalOf(error);
      if (sum.made === 0) void giveUpCheck(order.checkId, refusal, false, giveBackOptions);
    } finally {
      working.delete(name);
      options.delivery.wake();
    }
    show(name, jobId, unit.serial, order.run !== null, sum, refusal);
    release(fixed, sum, refusal);
  }

  function show(
    nest: string,
    jobId: string,
    usbSerial: string,
    isRun: boolean,
    sum: Sum,
    refusal: NestRefusal | undefined,
  ): void {
    if (sum.last === undefined) {
      board.dispatch(nest, {
        ...{ event: "stopped", jobId },
        refusal: refusal ?? refusalFrom("attempt.cancelled"),
      });
      return;
    }
    const { failed, made, durationMs, vanished, last } = sum;
    const failures = refusalFrom("golden.run_failed", `${failed} of ${made} checks failed.`);
    const verdict: NestVerdict =
      refusal !== undefined
        ? { kind: "fail", refusal }
        : isRun && failed > 0
          ? { kind: "fail", refusal: failures }
          : last;
    board.dispatch(nest, { event: "finished", jobId, verdict, vanished, usbSerial, durationMs });
  }

  function release(
    fixed: Parameters<Fixture["release"]>[0],
    { last, failed }: Sum,
    refusal: NestRefusal | undefined,
  ): void {
    const outcome: FixtureOutcome =
      last === undefined ? "STOPPED" : failed > 0 || refusal !== undefined ? "FAIL" : "PASS";
    const code = last?.kind === "fail" ? last.refusal.code : (refusal?.code ?? null);
    tools.fixture.release(fixed, outcome, outcome === "PASS" ? null : code);
  }

  return {
    isGolden: (serial) => setup()?.golden?.serials.includes(serial) === true,
    isOnlyGolden(nest) {
      const one = setup()?.nests.find(({ name }) => name === nest);
      return one?.enabled === true && one.hold !== undefined;
    },
    start(nest, operator) {
      const jobId = uuid7();
      board.dispatch(nest.name, { event: "ordered", jobId, operator });
      const done = run(nest, jobId, operator).finally(() => running.delete(done));
      running.add(done);
    },
    cancel(nest) {
      const reason = new FlashlineError("attempt.cancelled");
      for (const [name, work] of working) {
        if (nest === undefined || nest === name) work.stop.abort(reason);
      }
    },
    viewOf(nest) {
      const work = working.get(nest);
      if (work !== undefined) {
        const { made, times } = work;
        return times === 0 ? { kind: "check" } : { kind: "run", made, times };
      }
      const one = dueOf(nest);
      return one === undefined ? undefined : { kind: one.blocks ? "blocks" : "due" };
    },
    tick() {
      const now = board
        .nests()
        .filter(({ name }) => dueOf(name) !== undefined)
        .map(({ name }) => name)
        .join("\n");
      if (now === due) return;
      due = now;
      board.touch();
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
