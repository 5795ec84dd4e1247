import { FlashlineError, type LeasedJob } from "@flashline/contract";
import type { Logger } from "pino";
import type { Delivery } from "../deliver/rounds.ts";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import type { Board } from "../station/board.ts";
import { type GiveBackOptions, giveBack } from "./give-back.ts";
import { holdLease, type Lease } from "./lease.ts";
import { type JobEnd, type JobTools, runJob } from "./run-job.ts";

/** Runs leased jobs, each nest on its own: a slow one holds up nobody. */
export interface JobRunner {
  /** Takes a job from the server; returns at once. */
  take(job: LeasedJob): void;
  /** Ends the nest's job if nothing was erased yet. */
  cancel(nest: string): void;
  /** Jobs that run now. */
  readonly running: number;
  /** Resolves when no job runs. */
  idle(): Promise<void>;
}

export interface JobRunnerOptions {
  readonly board: Board;
  readonly tools: JobTools;
  readonly delivery: Pick<Delivery, "wake">;
  readonly giveBackOptions: GiveBackOptions;
}

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { board, tools, giveBackOptions } = options;
  const leases = new Map<string, Lease>();
  const running = new Map<string, Promise<void>>();

  function unwanted(job: LeasedJob): string | undefined {
    const nest = board.nest(job.nest);
    if (nest === undefined) return "This station has no such nest.";
    if (nest.state !== "starting" || nest.jobId !== job.jobId) {
      return "Nobody at the nest has scanned this unit and pressed start.";
    }
    // The serial goes into the unit: it is the one that was read from its label, whatever the server says.
    if (nest.serial !== job.serial) return "Another serial was scanned at the nest.";
    return board.unitAt(job.nest) === undefined ? "The unit has left its nest." : undefined;
  }

  async function run(job: LeasedJob): Promise<void> {
    const { nest, jobId, epoch, serial, leaseMs } = job;
    const unit = board.unitAt(nest);
    if (unit === undefined) return;
    const log = tools.log.child({ nest, jobId });
    const lease = holdLease({ link: tools.link, jobId, epoch, leaseMs, log });
    leases.set(nest, lease);
    board.dispatch(nest, { event: "leased", jobId });
    const onProgress: Parameters<typeof runJob>[0]["onProgress"] = (progress) =>
      board.dispatch(nest, { event: "progress", jobId, progress });
    try {
      const end = await runJob({ job, unit, lease, onProgress }, { ...tools, log });
      show(end, job, unit.serial);
      logEnd(log, end, serial);
      if (end.kind === "untouched") {
        const { attemptId } = end;
        const untouched = { jobId, epoch, ...(attemptId === undefined ? {} : { attemptId }) };
        void giveBack(untouched, end.refusal, giveBackOptions);
      }
    } catch (error) {
      log.error({ err: error, step: "job" }, "the job's result could not be kept");
      const refusal = refusalOf(error);
      const usbSerial = unit.serial;
      const end = { passed: false, vanished: true, usbSerial, refusal, durationMs: 0 };
      board.dispatch(nest, { event: "finished", jobId, ...end });
    } finally {
      // A result may stand in the journal however the job ended; it must not wait for the next one.
      options.delivery.wake();
      leases.delete(nest);
      await lease.release();
    }
  }

  function show(end: JobEnd, { nest, jobId }: LeasedJob, usbSerial: string): void {
    if (end.kind === "untouched") {
      board.dispatch(nest, { event: "stopped", jobId, refusal: end.refusal });
      return;
    }
    const { passed, vanished, refusal, durationMs } = end;
    const event = { event: "finished", jobId, passed, vanished, usbSerial, refusal, durationMs };
    board.dispatch(nest, { ...event, event: "finished" });
  }

  return {
    get running() {
      return running.size;
    },
    take(job) {
      if (leases.has(job.nest) && board.nest(job.nest)?.jobId === job.jobId) return;
      const reason = unwanted(job);
      if (reason !== undefined) {
        const { jobId, epoch } = job;
        const refusal = refusalFrom("attempt.cancelled", reason);
        board.dispatch(job.nest, { event: "stopped", jobId, refusal });
        void giveBack({ jobId, epoch }, refusal, giveBackOptions);
        return;
      }
      const done = run(job).finally(() => running.delete(job.jobId));
      running.set(job.jobId, done);
    },
    cancel: (nest) => leases.get(nest)?.cancel(new FlashlineError("attempt.cancelled")),
    async idle() {
      await Promise.all(running.values());
    },
  };
}

function logEnd(log: Logger, end: JobEnd, serial: string): void {
  if (end.kind === "untouched") {
    const { attemptId, refusal } = end;
    log.info({ attemptId, serial, step: "job", code: refusal.code }, "job stopped, nothing erased");
    return;
  }
  const { attemptId, passed, refusal, durationMs, linkIncident } = end;
  log.info(
    { attemptId, serial, step: "job", code: refusal?.code, ms: durationMs, linkIncident },
    passed ? "PASS" : "FAIL",
  );
}
