import {
  FlashlineError,
  type GoldenOrder,
  type NestRefusal,
  type StationSetup,
} from "@flashline/contract";
import { v7 as uuid7 } from "uuid";
import type { Fixture, FixtureOutcome } from "../hooks/fixture.ts";
import { giveUpCheck } from "../jobs/give-up-check.ts";
import type { ReadyNest } from "../nests/nest.ts";
import type { NestVerdict } from "../nests/reduce.ts";
import type { Worker } from "../people/worker.ts";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import type { Golden } from "../station/golden.ts";
import type { CheckTools } from "./check.ts";
import { createSeries, type SeriesOptions, type Sum, type Work } from "./series.ts";

export interface GoldenOptions extends SeriesOptions {
  readonly tools: CheckTools & { readonly fixture: Fixture };
  readonly setup: () => StationSetup | undefined;
  /** The server refused the start. */
  readonly refused: (nest: string, jobId: string, refusal: NestRefusal) => void;
}

/** Checks of this station's nests with golden units. */
export function createGolden(options: GoldenOptions): Golden {
  const { board, tools, setup, giveBackOptions } = options;
  const series = createSeries(options);
  const working = new Map<string, Work>();
  const running = new Set<Promise<void>>();
  let due = "";

  const dueOf = (nest: string) => {
    const one = setup()?.golden?.nests.find(({ name }) => name === nest);
    return one !== undefined && Date.parse(one.dueAt) <= Date.now() ? one : undefined;
  };

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
      order = await series.open(jobId, nest, operator, undefined, work.stop.signal);
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
      refusal = await series.checks(nest, order, unit, operator, work, sum);
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
        event: "stopped",
        jobId,
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
