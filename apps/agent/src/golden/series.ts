import {
  type AgentAbility,
  FlashlineError,
  type GoldenOrder,
  type NestRefusal,
  RefusedError,
} from "@flashline/contract";
import type { EngineEvent } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { v7 as uuid7 } from "uuid";
import type { Delivery } from "../deliver/rounds.ts";
import type { GiveBackOptions } from "../jobs/give-back.ts";
import { giveUpCheck } from "../jobs/give-up-check.ts";
import { untilAnswered } from "../jobs/start.ts";
import type { ReadyNest } from "../nests/nest.ts";
import type { NestVerdict } from "../nests/reduce.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import { rest } from "../signals.ts";
import type { Board } from "../station/board.ts";
import { type CheckEnd, type CheckTools, runCheck } from "./check.ts";

/** So long a golden unit may be off its port between two checks of a run, milliseconds. */
const GONE_MS = 10_000;
/** So long a server that is away is waited for between two checks, milliseconds. */
const AWAY_MS = 120_000;
const LOOK_MS = 100;

/** A nest at which checks run. */
export interface Work {
  readonly stop: AbortController;
  made: number;
  times: number;
}

/** What the checks of one scan came to. */
export interface Sum {
  made: number;
  failed: number;
  durationMs: number;
  last: NestVerdict | undefined;
  vanished: boolean;
}

export interface SeriesOptions {
  readonly board: Board;
  readonly tools: CheckTools;
  readonly delivery: Pick<Delivery, "wake">;
  readonly abilities: readonly AgentAbility[];
  readonly giveBackOptions: GiveBackOptions;
}

/** What a scan of a golden unit leads to: one check, or one after the other. */
export interface Series {
  /** Asks the server for a check; for the next one of a run also while it is away for a while. */
  open(
    checkId: string,
    nest: Pick<ReadyNest, "name" | "serial">,
    operator: Worker | null | undefined,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<GoldenOrder>;
  /** Why it ended before its time; undefined: it is done, or somebody ended it. What was made stands in `sum`. */
  checks(
    nest: ReadyNest,
    first: GoldenOrder,
    unit: AttachedUnit,
    operator: Worker | null | undefined,
    work: Work,
    sum: Sum,
  ): Promise<NestRefusal | undefined>;
}

export function createSeries(options: SeriesOptions): Series {
  const { board, tools, abilities, giveBackOptions } = options;

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
          order,
          unit: at,
          operator,
          signal,
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

  return { open, checks };
}
